import { act, get } from './client.ts';

/** Part of the configuration that the page edits; the file holds more. */
export interface Settings {
  readonly sync: {
    readonly conflictSkewSeconds: number;
    readonly auditHours: number | null;
    readonly region: string;
    readonly brake: { readonly least: number; readonly share: number };
  };
  readonly history: { readonly keepDays: number; readonly valueDays: number };
  readonly alarm: { readonly lagMinutes: number };
  /** The file, as it stands; secrets are names in it. */
  readonly text: string;
  readonly path: string;
}

export type SettingsDraft = Pick<Settings, 'sync' | 'history' | 'alarm'>;

export const readSettings = (): Promise<Settings> => get<Settings>('/settings');
export const saveSettings = (draft: SettingsDraft): Promise<unknown> => act('PUT', '/settings', draft);
