import * as z from 'zod';

const Value = z.string().min(1).max(255);

/**
 * A condition that a record has to meet to take part, by the name of a mapped field or of a property of its store.
 * Every test that is written has to hold. Texts are compared without case; of a set or an address one member or part
 * is enough, and `not` must fit none.
 */
export const ScopeRuleSchema = z
  .strictObject({
    field: z
      .string()
      .regex(/^[A-Za-z][\w.:-]{0,127}$/, 'letters, digits and . _ : - only')
      .meta({ description: 'A field of the mapping, or a property of the store.' }),
    equals: Value.optional().meta({ description: 'The value it must have.' }),
    in: z
      .array(Value)
      .min(1)
      .max(500)
      .optional()
      .meta({ description: 'The values of which it must have one.' }),
    not: z
      .array(Value)
      .min(1)
      .max(500)
      .optional()
      .meta({ description: 'Values that it must not have. A blank is none of them.' }),
    blank: z
      .boolean()
      .optional()
      .meta({ description: 'true: it must be blank. false: it must have a value.' }),
  })
  .superRefine((rule, context) => {
    const { field: _, ...tests } = rule;
    if (Object.values(tests).some((test) => test !== undefined)) return;
    context.addIssue({
      code: 'custom',
      message: 'says no test: write one of equals, in, not, blank',
    });
  });
export type ScopeRule = z.infer<typeof ScopeRuleSchema>;
