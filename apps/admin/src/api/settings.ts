import { answer, api, type Schemas } from './client.ts';

export type Settings = Schemas['Settings'];
export type Sections = Settings['settings'];

export const readSettings = (): Promise<Settings> => answer(api.GET('/api/v1/settings'));

export interface SettingsDraft {
  readonly sync?: Readonly<Record<string, unknown>>;
  readonly history?: Readonly<Record<string, unknown>>;
  readonly alarm?: Readonly<Record<string, unknown>>;
}

/** What is given is written; whatever is not given stays as it is. */
export const saveSettings = (draft: SettingsDraft, version: string): Promise<unknown> =>
  answer(api.PUT('/api/v1/settings', { body: { ...draft, version } }));

/** The configuration file as it stands; secrets are names in it. */
export const readFile = (): Promise<{ readonly text: string }> => answer(api.GET('/api/v1/settings/file'));

export interface Earlier {
  readonly id: string;
  readonly until: string;
}

export const readEarlier = async (): Promise<readonly Earlier[]> =>
  (await answer(api.GET('/api/v1/settings/versions'))).items;

export const restoreSettings = (id: string, version: string): Promise<unknown> =>
  answer(api.POST('/api/v1/settings/restore', { body: { id, version } }));
