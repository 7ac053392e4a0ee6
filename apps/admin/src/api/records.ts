import type { Schemas } from './client.ts';

export type Side = 'mailbox' | 'crm';

/** What a field holds. */
export type FieldValue = Schemas['FieldValue'];
export type Fields = Readonly<Record<string, FieldValue>>;

export interface Change {
  readonly field: string;
  readonly old: FieldValue;
  readonly new: FieldValue;
  /** The rule that decided, in words; empty where there is none. */
  readonly rule?: string;
}

export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly text: string;
  readonly remedy: string | null;
}
