import { InputError, type Secrets, type SecretValue } from '@tidelock/core';
import type { Config } from '../config.ts';
import { referenceOf } from '../secret-options.ts';

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** Where the configuration says which tenant the mailbox side is about. */
export type TenantPlace =
  /** In the secret store, where a connection puts it. */
  | { readonly kind: 'secret'; readonly name: string }
  /** Written down: that one and no other. */
  | { readonly kind: 'fixed'; readonly tenant: string };

/** Throws `InputError` where no tenant could be connected. */
export function tenantPlaceOf(config: Config): TenantPlace {
  const { adapter, options } = config.adapters.mailbox;
  const value = (options as { readonly tenant?: unknown } | null)?.tenant;
  const name = referenceOf(value);
  if (name !== null) return { kind: 'secret', name };
  const tenant = typeof value === 'string' ? value.toLowerCase() : '';
  if (GUID.test(tenant)) return { kind: 'fixed', tenant };
  const reason = value === undefined ? `${adapter} is not told which tenant` : 'is not the id of a tenant';
  throw new InputError(`${config.file} does not say where the tenant stands.`, [
    {
      path: config.where(['mailbox', 'options', 'tenant'], false) ?? 'mailbox.options.tenant',
      reason,
      remedy: 'Write: tenant: { secret: tenant-id }. Connecting puts it there.',
    },
  ]);
}

const MARKER = 'not-stored-yet';

/** The secret store as it will be once the tenant is put there. */
export function withTenant(secrets: Secrets, place: TenantPlace, tenant: string): Secrets {
  if (place.kind === 'fixed') return secrets;
  const { name } = place;
  const own: SecretValue = { name, value: new TextEncoder().encode(tenant), version: MARKER };
  const { store } = secrets;
  return {
    ...secrets,
    store: {
      get: async (wanted, version) =>
        wanted === name && version === undefined ? own : store.get(wanted, version),
      put: (...of) => store.put(...of),
      remove: (wanted) => store.remove(wanted),
      list: (prefix) => store.list(prefix),
    },
  };
}

/** The tenant that a configuration is about; null where none is connected, or the mailbox side knows no tenants. */
export async function tenantOf(config: Config, secrets: Secrets): Promise<string | null> {
  let place: TenantPlace;
  try {
    place = tenantPlaceOf(config);
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
  if (place.kind === 'fixed') return place.tenant;
  const stored = await secrets.store.get(place.name);
  return stored === null ? null : new TextDecoder().decode(stored.value).trim();
}
