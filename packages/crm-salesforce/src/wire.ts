import { AdapterError } from '@tidelock/core';
import * as z from 'zod';

// Answers of the REST API, API version 60 and up. Lenient: what is not read may change.

export const TokenReplySchema = z.looseObject({
  access_token: z.string().min(1),
  instance_url: z.url(),
  /** `https://login.salesforce.com/id/{orgId}/{userId}` */
  id: z.string(),
});

export const TokenErrorSchema = z.looseObject({
  error: z.string(),
  error_description: z.string().default(''),
});

/** An error names its code `errorCode`; in save results of collections it is `statusCode`. */
const ErrorEntrySchema = z.looseObject({
  errorCode: z.string().optional(),
  statusCode: z.string().optional(),
  message: z.string().default(''),
  fields: z.array(z.string()).nullish(),
});
export const ErrorArraySchema = z.array(ErrorEntrySchema).min(1);

export type Row = Readonly<Record<string, unknown>>;
const isRow = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Rows are passed on as they came: a page has two thousand of them, and each column is looked at where it is read. */
export const QueryReplySchema = z.looseObject({ done: z.boolean(), records: z.array(z.custom<Row>(isRow)) });

export const CompositeReplySchema = z.looseObject({
  compositeResponse: z.array(z.looseObject({ httpStatusCode: z.number(), body: z.unknown() })),
});

export const DeletedSchema = z.looseObject({ deletedRecords: z.array(z.looseObject({ id: z.string() })) });

export const SaveResultsSchema = z.array(
  z.looseObject({
    id: z.string().nullish(),
    success: z.boolean(),
    errors: z.array(ErrorEntrySchema).default([]),
  }),
);
export type SaveResult = z.infer<typeof SaveResultsSchema>[number];

const FieldSchema = z.looseObject({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  length: z.number().default(0),
  nillable: z.boolean().default(true),
  createable: z.boolean().default(false),
  updateable: z.boolean().default(false),
  defaultedOnCreate: z.boolean().default(false),
  unique: z.boolean().default(false),
  externalId: z.boolean().default(false),
  custom: z.boolean().default(false),
  compoundFieldName: z.string().nullish(),
});
export type WireField = z.infer<typeof FieldSchema>;

export const DescribeSchema = z.looseObject({
  createable: z.boolean().default(true),
  updateable: z.boolean().default(true),
  deletable: z.boolean().default(true),
  fields: z.array(FieldSchema).min(1),
});
export type Describe = z.infer<typeof DescribeSchema>;

/** The body, or `protocol` code `answer`; what was received is in neither message nor cause. */
export function parseReply<T>(schema: z.ZodType<T>, body: unknown, operation: string): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new AdapterError('protocol', `${operation}: an answer in a form that the API does not have`, {
    operation,
    code: 'answer',
  });
}

/** A datetime of the API (`2026-08-01T06:00:01.000+0000`: an offset without colon) in milliseconds. */
export function parseInstant(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const isUtc = value.endsWith('+0000');
  const ms = Date.parse(isUtc ? `${value.slice(0, -5)}Z` : value.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(ms) ? undefined : ms;
}

const SUFFIX = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/**
 * An id in its 18-character form, which the API answers with. Some messages name the 15-character form: each suffix
 * character tells which of five characters are capitals. Null for what is no id.
 */
export function toId18(text: string): string | null {
  if (/^[A-Za-z0-9]{18}$/.test(text)) return text;
  if (!/^[A-Za-z0-9]{15}$/.test(text)) return null;
  const suffix = [0, 5, 10].map((start) => {
    const bits = [...text.slice(start, start + 5)].reduce(
      (sum, char, index) => sum + (/[A-Z]/.test(char) ? 1 << index : 0),
      0,
    );
    return SUFFIX.charAt(bits);
  });
  return text + suffix.join('');
}

/** An object whose rows are records of a store. */
export interface Entity {
  /** API name. */
  readonly name: string;
  /** What its ids begin with. */
  readonly prefix: string;
  /** First word of operations. */
  readonly noun: string;
}

export const CONTACT: Entity = { name: 'Contact', prefix: '003', noun: 'contacts' };
export const EVENT: Entity = { name: 'Event', prefix: '00U', noun: 'events' };
export const EVENT_RELATION: Entity = { name: 'EventRelation', prefix: '0RE', noun: 'relations' };

/** The id of a row of this object in its 18-character form; null for what cannot be one. */
export function toRecordId(text: string, { prefix }: Entity): string | null {
  return text.startsWith(prefix) ? toId18(text) : null;
}
