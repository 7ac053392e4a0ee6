import { AdapterError } from '@tidelock/core';
import * as z from 'zod';

// What the service answers, as far as it is read. Loose: a new member of an answer breaks nothing.

const Contact = z.looseObject({
  id: z.string().min(1),
  version: z.number().int(),
  sequence: z.number().int(),
  changed_at: z.iso.datetime(),
  external_key: z.string().nullable(),
  owner_id: z.string().nullish(),
  fields: z.record(z.string(), z.union([z.string(), z.array(z.string()), z.record(z.string(), z.string())])),
});
export type WireContact = z.output<typeof Contact>;

export const ContactsSchema = z.looseObject({ items: z.array(Contact), next: z.string().nullish() });

export const ReadSchema = z.looseObject({
  items: z.array(z.looseObject({ id: z.string(), status: z.number(), contact: Contact.optional() })),
});

export const ChangesSchema = z.looseObject({
  items: z.array(z.looseObject({ id: z.string(), sequence: z.number().int(), contact: Contact.optional() })),
  cursor: z.string().min(1),
  more: z.boolean(),
});

const Result = z.looseObject({
  /** Place of the write in the request: an answer can lack some. */
  index: z.number().int(),
  status: z.number(),
  contact: Contact.optional(),
  id: z.string().optional(),
  code: z.string().optional(),
  field: z.string().optional(),
});
export type WireResult = z.output<typeof Result>;

export const ResultsSchema = z.looseObject({ results: z.array(Result) });

const Field = z.looseObject({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  max_length: z.number().int().optional(),
  required: z.boolean().optional(),
  read_only: z.boolean().optional(),
});
export type WireField = z.output<typeof Field>;

export const FieldsSchema = z.looseObject({ items: z.array(Field) });

export const UsersSchema = z.looseObject({
  items: z.array(
    z.looseObject({ id: z.string(), email: z.string().nullable(), name: z.string(), active: z.boolean() }),
  ),
});

/** An answer that is not what the service documents is `protocol`: never "nothing there". */
export function parseReply<T>(schema: z.ZodType<T>, body: unknown, operation: string): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new AdapterError('protocol', `${operation}: unexpected answer at "${where}"`, {
    operation,
    code: 'unexpected-answer',
  });
}
