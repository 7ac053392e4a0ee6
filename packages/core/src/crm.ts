import type { EventWindow } from './calendar/event.ts';
import type { CallOptions, Finding, RecordStore } from './record-store.ts';

export interface CrmUser {
  readonly id: string;
  readonly email: string | null;
  readonly name: string;
  readonly active: boolean;
}

export interface CrmScope {
  readonly kind: 'contact' | 'event';
  /** Of events: what lies outside is `out`, never gone. Part of the feeds' `scopeHash`. Absent = all of them. */
  readonly window?: EventWindow;
  /** Properties that the mapping uses, so that the adapter reads no others; absent = its default mapping's. */
  readonly properties?: readonly string[];
}

/** One thing that must exist in the CRM before the first sync (the field that keeps our stamp). */
export interface SetupStep {
  readonly code: string;
  readonly text: string;
  /** What a person clicks where the adapter cannot do it. */
  readonly manual: readonly string[];
  readonly done: boolean;
  /** `provision` can do it, as long as it is not done. Absent = only a person can. */
  readonly automatic?: boolean;
}

/** A request that somebody sent us, as it came. Nothing in it is believed before it is verified. */
export interface PushRequest {
  readonly method: string;
  /** The whole address as its sender wrote it: behind a proxy the public one. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The bytes that arrived: a signature is over these, not over what was parsed of them. */
  readonly body: Uint8Array;
}

/** A record that somebody who pushes has named. */
export interface PushedRecord {
  readonly kind: 'contact' | 'event';
  /** `StoreRecord.id`. */
  readonly id: string;
}

/**
 * What a pushed request is worth. An accepted one says that somebody has changed something, and perhaps which records: nothing else
 * is taken from it. Pushes are lost, doubled and out of order, so they only bring the next look forward.
 */
export type PushVerdict =
  | {
      readonly accepted: true;
      readonly hints: number;
      /** What was changed, where the sender tells; absent = it may be anything. */
      readonly kinds?: readonly ('contact' | 'event')[];
      /** Milliseconds until changes are sure to show it; absent = they do at once. */
      readonly settlesMs?: number;
      /**
       * Records that it names, which `RecordStore.read` shows as they are now even where changes show it later. A hint as well: what
       * is not named, or is not there any more, is told by the changes.
       */
      readonly records?: readonly PushedRecord[];
    }
  | {
      readonly accepted: false;
      /** `unconfigured`: no secret to verify with. `stale`: older, or further ahead, than the sender's own window. */
      readonly reason: 'unconfigured' | 'unsigned' | 'stale' | 'forged' | 'malformed';
    };

/** `kinds`: records that take part, each of which may need something; absent = contacts. */
export interface SetupOptions extends CallOptions {
  readonly kinds?: readonly CrmScope['kind'][];
}

/** Contract `crm@1`. */
export interface CrmPort {
  check(options?: CallOptions): Promise<readonly Finding[]>;
  setup(options?: SetupOptions): Promise<readonly SetupStep[]>;
  /**
   * Does the automatic steps of these codes that are not done, and answers every step as it is afterwards. Safe to repeat.
   * Throws `forbidden` where the right to change the schema is missing. Absent = no step is automatic.
   */
  provision?(codes: readonly string[], options?: SetupOptions): Promise<readonly SetupStep[]>;
  /** Judges a pushed request. Makes no request, reads nothing of it before it is verified. Absent = there are none. */
  verifyPush?(request: PushRequest): PushVerdict;
  /** Users by e-mail address (any case), one per address asked, `null` where none or several match. */
  users(emails: readonly string[], options?: CallOptions): Promise<readonly (CrmUser | null)[]>;
  /**
   * Every user that has one of the values, one array per value, active or not; texts are compared without case. `by`:
   * `id`, `email`, `login`, `federation` or `employee`, or the name of a property of the CRM's users. Throws `invalid`
   * for a property that there is not. Absent = the CRM knows users by e-mail address only.
   */
  findUsers?(
    by: string,
    values: readonly string[],
    options?: CallOptions,
  ): Promise<readonly (readonly CrmUser[])[]>;
  /** Opening makes no request. Throws `unsupported` for a kind of records that the adapter does not have. The store covers the whole object: lanes narrow it by owner. */
  open(scope: CrmScope): RecordStore;
  close(): Promise<void>;
}
