import { AdapterError } from '@tidelock/core';
import * as z from 'zod';

// Answers of the CRM API, generation v3. Lenient: what is not read may change, and may be absent.

export const ErrorBodySchema = z.looseObject({
  message: z.string().default(''),
  category: z.string().optional(),
  policyName: z.string().optional(),
  context: z.record(z.string(), z.array(z.string())).optional(),
  errors: z
    .array(
      z.looseObject({
        code: z.string().optional(),
        message: z.string().default(''),
        context: z.record(z.string(), z.array(z.string())).optional(),
      }),
    )
    .optional(),
});
export type ErrorBody = z.infer<typeof ErrorBodySchema>;

/** All values are strings, numbers and dates too; `null` is blank. */
const ObjectSchema = z.looseObject({
  id: z.string().min(1),
  properties: z.record(z.string(), z.string().nullable()),
  createdAt: z.string(),
  updatedAt: z.string(),
  archived: z.boolean().default(false),
  archivedAt: z.string().nullish(),
  objectWriteTraceId: z.string().nullish(),
});
export type WireContact = z.infer<typeof ObjectSchema>;

const PagingSchema = z.looseObject({ next: z.looseObject({ after: z.string().min(1) }).nullish() });

export const ListSchema = z.looseObject({ results: z.array(ObjectSchema), paging: PagingSchema.nullish() });

export const SearchSchema = z.looseObject({ total: z.number(), results: z.array(ObjectSchema) });

export const BatchSchema = z.looseObject({
  results: z.array(ObjectSchema),
  errors: z.array(ErrorBodySchema).default([]),
});
export type Batch = z.infer<typeof BatchSchema>;

/** Ids of the other side are numbers here. */
export const AssociationsSchema = z.looseObject({
  results: z.array(
    z.looseObject({
      from: z.looseObject({ id: z.string().min(1) }),
      to: z.array(z.looseObject({ toObjectId: z.union([z.number(), z.string()]) })),
    }),
  ),
});

export const AssociatedSchema = z.looseObject({ errors: z.array(z.unknown()).default([]) });

const PropertySchema = z.looseObject({
  name: z.string(),
  label: z.string().default(''),
  type: z.string(),
  fieldType: z.string().default(''),
  hasUniqueValue: z.boolean().default(false),
  hidden: z.boolean().default(false),
  modificationMetadata: z.looseObject({ readOnlyValue: z.boolean().default(false) }).nullish(),
});
export type WireProperty = z.infer<typeof PropertySchema>;

export const PropertiesSchema = z.looseObject({ results: z.array(PropertySchema).min(1) });

export const OwnersSchema = z.looseObject({
  results: z.array(
    z.looseObject({
      id: z.string().min(1),
      email: z.string().nullish(),
      firstName: z.string().nullish(),
      lastName: z.string().nullish(),
      archived: z.boolean().default(false),
    }),
  ),
  paging: PagingSchema.nullish(),
});

/** Ids are numbers of any length, which JSON tells exactly up to 2^53. */
const ObjectIdSchema = z
  .union([
    z.number().int().positive().max(Number.MAX_SAFE_INTEGER).transform(String),
    z.string().regex(/^[1-9]\d{0,30}$/),
  ])
  .optional()
  .catch(undefined);

/** Events of a webhook. Only their number is used, and which object each is about: what they tell is read from the API. */
export const PushedSchema = z
  .array(
    z.looseObject({
      subscriptionId: z.number(),
      subscriptionType: z.string().optional().catch(undefined),
      eventType: z.string().optional().catch(undefined),
      objectTypeId: z.string().optional().catch(undefined),
      objectId: ObjectIdSchema,
    }),
  )
  .max(1_000);
export type Pushed = z.infer<typeof PushedSchema>[number];

/** The body, or `protocol` code `answer`; what was received is in neither message nor cause. */
export function parseReply<T>(schema: z.ZodType<T>, body: unknown, operation: string): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new AdapterError('protocol', `${operation}: an answer in a form that the API does not have`, {
    operation,
    code: 'answer',
  });
}

/** Milliseconds since the epoch; undefined for what is no instant. */
export function parseInstant(text: string | null | undefined): number | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
