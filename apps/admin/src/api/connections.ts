import { answer, api, type Schemas } from './client.ts';

export type Connections = Schemas['Connections'];
export type Check = Schemas['Check'];
export type SetupStep = Schemas['SetupStep'];

export const readConnections = (): Promise<Connections> => answer(api.GET('/api/v1/connections'));

export interface Tried {
  readonly checks: readonly Check[];
  /** What the CRM needs besides: done, automatic, or by hand. */
  readonly steps: readonly SetupStep[];
}

export interface CrmTrial {
  readonly adapter?: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Tries a CRM as it is, or as it would be. Stores nothing. */
export const checkCrm = (name: string, trial: CrmTrial): Promise<Tried> =>
  answer(api.POST('/api/v1/connections/crm/{name}/check', { params: { path: { name } }, body: trial }));

export interface Crm {
  readonly name: string;
  readonly adapter: { readonly name: string; readonly title: string };
  readonly options: Readonly<Record<string, unknown>>;
  readonly version: string;
}

export const readCrm = (name: string): Promise<Crm> =>
  answer(api.GET('/api/v1/connections/crm/{name}', { params: { path: { name } } }));

export interface CrmDraft {
  readonly adapter: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly version: string;
}

/** Writes it into the configuration once it answers, or changes nothing. */
export const saveCrm = (name: string, body: CrmDraft): Promise<unknown> =>
  answer(api.PUT('/api/v1/connections/crm/{name}', { params: { path: { name } }, body }));

/** Has the automatic steps done. */
export const provisionCrm = (name: string, codes: readonly string[]): Promise<unknown> =>
  answer(
    api.POST('/api/v1/connections/crm/{name}/provision', {
      params: { path: { name } },
      body: { codes: [...codes] },
    }),
  );

/** It is never given back. */
export const putSecret = (name: string, value: string): Promise<unknown> =>
  answer(api.PUT('/api/v1/connections/secrets/{name}', { params: { path: { name } }, body: { value } }));

/** Stands in the audit trail. */
export const revealTenant = (): Promise<{ readonly tenant: string }> =>
  answer(api.POST('/api/v1/tenant/reveal'));

/** `keep`: what was remembered stays, sealed, for the same organisation to come back to. */
export const disconnect = (keep: boolean): Promise<unknown> =>
  answer(api.POST('/api/v1/connections/disconnect', { body: { confirm: 'disconnect', keep } }));
