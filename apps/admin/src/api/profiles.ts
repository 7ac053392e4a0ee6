import { act, get } from './client.ts';
import type { FieldValue, Finding } from './records.ts';

export const DIRECTIONS = ['both', 'mailbox>crm', 'crm>mailbox'] as const;
export type Direction = (typeof DIRECTIONS)[number];
export type DeletePolicy = 'delete' | 'unlink';

export interface ContactRules {
  readonly sync: boolean;
  readonly direction: Direction;
  readonly records: 'own' | 'all' | readonly string[];
  readonly categories: readonly string[] | null;
  readonly create: { readonly mailbox: boolean; readonly crm: boolean };
  readonly onDelete: { readonly mailbox: DeletePolicy; readonly crm: DeletePolicy };
  readonly master: 'crm' | 'mailbox';
}

export interface EventRules {
  readonly direction: Direction;
  readonly window: { readonly pastDays: number; readonly futureDays: number };
  readonly notify: 'hold' | 'ask' | 'send' | 'crm-only';
  readonly mailBudget: number | null;
  readonly private: 'skip' | 'busy' | 'full';
}

export interface Profile {
  readonly name: string;
  readonly description: string | null;
  readonly crm: string;
  readonly contacts: ContactRules;
  /** Null: events take no part. */
  readonly events: EventRules | null;
  readonly mailboxes: number;
  readonly isDefault: boolean;
}

export const readProfiles = async (): Promise<readonly Profile[]> =>
  (await get<{ readonly profiles: readonly Profile[] }>('/profiles')).profiles;

export type ProfileDraft = Pick<Profile, 'description' | 'contacts' | 'events'>;

export const saveProfile = (name: string, draft: ProfileDraft): Promise<unknown> =>
  act('PUT', `/profiles/${encodeURIComponent(name)}`, draft);

export const removeProfile = (name: string): Promise<unknown> =>
  act('DELETE', `/profiles/${encodeURIComponent(name)}`);

export const FLOWS = [...DIRECTIONS, 'mailbox>crm once', 'crm>mailbox once'] as const;
export type Flow = (typeof FLOWS)[number];
export const CONFLICTS = ['newer', 'mailbox', 'crm', 'hold'] as const;
export type Conflict = (typeof CONFLICTS)[number];

/** One row of a mapping. */
export interface FieldRule {
  readonly field: string;
  readonly mailbox: string;
  readonly crm: string;
  readonly direction: Flow;
  readonly conflict: Conflict;
  readonly merge: 'value' | 'set' | 'text';
  readonly blank: 'propagate' | 'keep';
  readonly optional?: boolean;
  readonly fallback?: readonly string[];
  readonly transform?: string | undefined;
}

export interface FieldInfo {
  readonly name: string;
  readonly type: string;
  readonly writable: boolean;
}

export interface Mapping {
  readonly profile: string;
  readonly kind: 'contact' | 'event';
  readonly rules: readonly FieldRule[];
  readonly mailboxFields: readonly FieldInfo[];
  readonly crmFields: readonly FieldInfo[];
}

export const readMapping = (profile: string, kind: Mapping['kind']): Promise<Mapping> =>
  get<Mapping>('/mapping', { profile, kind });

export interface MappingDraft {
  readonly profile: string;
  readonly kind: Mapping['kind'];
  readonly rules: readonly FieldRule[];
}

export interface LawResult {
  readonly field: string;
  readonly ok: boolean;
  readonly text: string;
  readonly remedy: string | null;
}

export interface MappingCheck {
  readonly findings: readonly Finding[];
  readonly laws: readonly LawResult[];
}

export const checkMapping = (draft: MappingDraft): Promise<MappingCheck> =>
  act('POST', '/mapping/check', draft);

export interface PreviewRow {
  readonly field: string;
  readonly mailbox: FieldValue;
  readonly crm: FieldValue;
  /** What each side would show afterwards. */
  readonly mailboxAfter: FieldValue;
  readonly crmAfter: FieldValue;
}

export interface MappingPreview {
  readonly title: string;
  readonly rows: readonly PreviewRow[];
}

export const previewMapping = (draft: MappingDraft, record: string): Promise<MappingPreview> =>
  act('POST', '/mapping/preview', { ...draft, record });

export const saveMapping = (draft: MappingDraft): Promise<unknown> => act('PUT', '/mapping', draft);
