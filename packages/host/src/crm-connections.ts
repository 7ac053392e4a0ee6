import type { AdapterChoice } from './config-schema.ts';
import type { Path } from './problems.ts';

/** Name of the connection under "crm", which profiles follow that name none. */
export const MAIN_CRM = 'crm';

/** One connection to a CRM, and where the configuration writes it. */
export interface CrmChoice {
  readonly name: string;
  readonly path: Path;
  readonly adapter: string;
  readonly options: unknown;
}

/** All of them, the one under "crm" first. */
export function crmChoices(config: {
  readonly adapters: { readonly crm: { readonly adapter: string; readonly options: unknown } };
  readonly crms: Readonly<Record<string, AdapterChoice>>;
}): readonly [CrmChoice, ...CrmChoice[]] {
  return [
    { name: MAIN_CRM, path: [MAIN_CRM], ...config.adapters.crm },
    ...Object.entries(config.crms).map(([name, choice]) => ({ name, path: ['crms', name], ...choice })),
  ];
}

/** The value for one connection. A name that there is not was refused with the configuration. */
export function ofCrm<T>(values: ReadonlyMap<string, T>, name: string): T {
  const value = values.get(name);
  if (value === undefined) throw new TypeError(`there is no CRM connection ${name}`);
  return value;
}
