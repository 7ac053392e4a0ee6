import * as z from 'zod';

/** Property and field names: letters, digits, `.`, `_`, `-`, `:`; vendors' custom names fit. */
const PropertyName = z.string().regex(/^[A-Za-z][\w.:-]{0,127}$/, 'letters, digits and . _ : - only');

export const DIRECTIONS = [
  'both',
  'mailbox>crm',
  'crm>mailbox',
  'mailbox>crm once',
  'crm>mailbox once',
] as const;
export const CONFLICT_POLICIES = ['newer', 'mailbox', 'crm', 'hold'] as const;

/**
 * One row of a mapping: which property of the mailbox stands for which property of the CRM, which way it flows and
 * who wins when both sides changed it to different values.
 */
export const FieldRuleSchema = z.strictObject({
  /** Name in plans, history and reports; unique in the mapping. */
  field: z
    .string()
    .regex(/^[a-z][A-Za-z0-9-]{0,63}$/, 'camelCase or kebab-case, starting with a small letter'),
  mailbox: PropertyName,
  crm: PropertyName,
  direction: z.enum(DIRECTIONS).default('both'),
  /** `newer` compares modification times of two clocks and falls back to the lane's master inside the skew. */
  conflict: z.enum(CONFLICT_POLICIES).default('newer'),
  /** `value`: one side wins. `set`: three-way union of members. `text`: three-way merge of lines. */
  merge: z.enum(['value', 'set', 'text']).default('value'),
  /** `keep`: a blank on one side never erases a value on the other. */
  blank: z.enum(['propagate', 'keep']).default('propagate'),
  /** The rule is dropped, with a finding, where the CRM does not have the property. */
  optional: z.boolean().default(false),
  /** Fields whose value stands in when a side requires this one and it is blank. */
  fallback: z.array(z.string()).default([]),
  /** Name of a registered transform for what data cannot say. */
  transform: z.string().optional(),
});
export type FieldRule = z.infer<typeof FieldRuleSchema>;

/** Contract `mapping@1`: declarative, versioned, validated; shipped by each CRM adapter and overridable by a file. */
export const MappingSchema = z.strictObject({
  version: z.literal(1),
  kind: z.enum(['contact', 'event']),
  fields: z
    .array(FieldRuleSchema)
    .min(1)
    .superRefine((rules, context) => {
      const seen = new Set<string>();
      rules.forEach((rule, index) => {
        if (seen.has(rule.field)) {
          context.addIssue({
            code: 'custom',
            path: [index, 'field'],
            message: `"${rule.field}" is mapped twice`,
          });
        }
        seen.add(rule.field);
      });
    }),
});
export type Mapping = z.infer<typeof MappingSchema>;
/** What a person writes: defaults may be left out. */
export type MappingInput = z.input<typeof MappingSchema>;
