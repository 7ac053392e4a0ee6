import { answer, api, type Schemas } from './client.ts';

export type Profile = Schemas['Profile'];

export interface Profiles {
  /** Of the configuration that was looked at: saving over another one is refused. */
  readonly version: string;
  readonly defaultProfile: string;
  readonly items: readonly Profile[];
}

export const readProfiles = (): Promise<Profiles> => answer(api.GET('/api/v1/profiles'));

/** A profile as the configuration file has it. */
export type Written = Readonly<Record<string, unknown>>;

export const saveProfile = (name: string, profile: Written, version: string): Promise<unknown> =>
  answer(api.PUT('/api/v1/profiles/{name}', { params: { path: { name } }, body: { profile, version } }));

export const removeProfile = (name: string, version: string): Promise<unknown> =>
  answer(api.DELETE('/api/v1/profiles/{name}', { params: { path: { name }, query: { version } } }));

export type MappingRow = Schemas['MappingRow'];
export const FLOWS = [
  'both',
  'mailbox>crm',
  'crm>mailbox',
  'mailbox>crm once',
  'crm>mailbox once',
] as const satisfies readonly MappingRow['direction'][];
export const CONFLICTS = [
  'newer',
  'mailbox',
  'crm',
  'hold',
] as const satisfies readonly MappingRow['conflict'][];

export interface PropertyInfo {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly writable: boolean;
}

export interface Mapping {
  readonly version: string;
  readonly rows: readonly MappingRow[];
  readonly properties: {
    readonly mailbox: readonly PropertyInfo[];
    readonly crm: readonly PropertyInfo[];
  };
}

/** The rows in force under a profile, and what either side has to pair. Asks both sides. */
export async function readMapping(profile: string, crm: string): Promise<Mapping> {
  const [{ version, rows }, properties] = await Promise.all([
    answer(api.GET('/api/v1/mapping/{profile}', { params: { path: { profile } } })),
    answer(api.GET('/api/v1/mapping/fields', { params: { query: { crm } } })),
  ]);
  return { version, rows, properties };
}

export type MappingPreview = Schemas['MappingPreview'];
export type PreviewedField = MappingPreview['fields'][number];

export interface PairIds {
  readonly mailboxId: string | null;
  readonly crmId: string | null;
}

/** What the rows would make of a record, and the laws that they break. `record` null: some pair that is in step. */
export const previewMapping = (
  profile: string,
  rows: readonly MappingRow[],
  record: PairIds | null,
): Promise<MappingPreview> =>
  answer(
    api.POST('/api/v1/mapping/{profile}/preview', {
      params: { path: { profile } },
      body: record === null ? { rows: [...rows] } : { rows: [...rows], record },
    }),
  );

/** A profile's own rows, in place of those of the same field. */
export const saveMapping = (
  profile: string,
  rows: readonly MappingRow[],
  version: string,
): Promise<unknown> =>
  answer(
    api.PUT('/api/v1/mapping/{profile}', {
      params: { path: { profile } },
      body: { rows: [...rows], version },
    }),
  );
