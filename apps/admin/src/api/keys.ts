import { answer, api, type Schemas } from './client.ts';

export type Key = Schemas['Key'];

export const readKeys = async (): Promise<readonly Key[]> => (await answer(api.GET('/api/v1/keys'))).items;

export interface Rotation {
  readonly key: Key;
  /** What has to be done then, in order. */
  readonly next: readonly string[];
}

/** Makes the next key pair and puts it first; the present one stays in use beside it. */
export const rotateKey = (): Promise<Rotation> => answer(api.POST('/api/v1/keys/rotate', { body: {} }));

export interface KeyAnswer {
  readonly keyName: string;
  readonly state: 'accepted' | 'refused' | 'unknown';
  readonly text: string;
  readonly remedy: string | null;
}

/** Asks the directory for a token with each key in use. */
export const checkKeys = async (): Promise<readonly KeyAnswer[]> =>
  (await answer(api.POST('/api/v1/keys/check', { body: {} }))).keys;

/** Takes a key out of use and destroys it, once another one is accepted. */
export const retireKey = (name: string): Promise<unknown> =>
  answer(api.POST('/api/v1/keys/{name}/retire', { params: { path: { name } }, body: {} }));

/** The public certificate, which is what portals take. */
export const certificateOf = (name: string): string => `/api/v1/keys/${encodeURIComponent(name)}/certificate`;
