/** `a` is the mailbox, `b` the CRM. */
export type Side = 'a' | 'b';

/** What a field holds; other shapes (times, attendees, series) are shown as JSON. */
export type FieldValue = unknown;
export type Fields = Readonly<Record<string, FieldValue>>;

export interface NamedRecord {
  readonly side: Side;
  readonly id: string;
  /** Null: nobody can say what it is called. */
  readonly title: string | null;
  /** Null: it cannot be read now. */
  readonly fields?: Fields | null;
}

export interface Change {
  readonly field: string;
  readonly to: Side;
  readonly old: FieldValue;
  readonly new: FieldValue;
  readonly rule: string;
}

/** What a person has to know, and what to do about it. */
export interface Finding {
  readonly code: string;
  readonly severity: 'block' | 'warn' | 'info';
  readonly text: string;
  readonly remedy: string | null;
  /** Address; null = it is about all. */
  readonly mailbox: string | null;
}

export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly text: string;
  readonly remedy: string | null;
}

/** Something that takes its time. */
export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly done: number | null;
  readonly total: number | null;
  /** What it does at this moment, for people. */
  readonly text: string | null;
}
