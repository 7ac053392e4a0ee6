import { createSecretKey, randomBytes } from 'node:crypto';
import {
  AdapterError,
  type Clock,
  type DataKeyRow,
  isAdapterError,
  type KeyWrapper,
  type Random,
  type Secrets,
  type TenantStore,
} from '@tidelock/core';
import { createFieldSealer, type DataKey, type FieldSealer } from './field-seal.ts';
import { toWraps } from './wraps.ts';

/** A key seals for this long; after that it only opens. */
const SEALS_FOR_MS = 90 * 86_400_000;

export interface DataKeysOptions {
  readonly tenant: string;
  readonly tenants: TenantStore;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly random: Random;
}

export const contextOf = ({ tenantId, id }: Pick<DataKeyRow, 'tenantId' | 'id'>): string =>
  `data-key/${tenantId}/${id}`;

/** There is no way around it: without a wrapper nothing about people can be remembered, so nothing is. */
export function requireWrapper({ abilities, wrapper }: Secrets): KeyWrapper {
  if (abilities.wrapper) return wrapper;
  throw new AdapterError(
    'unsupported',
    'The secret store wraps no keys, so data about people cannot be sealed.',
    {
      operation: 'seal.keys',
      remedy: 'Use an adapter under "secrets" that offers a key wrapper: @tidelock/secrets-file does.',
    },
  );
}

/** The first of the row's wrapped forms that this store opens, and the key in it. */
export async function openDataKey(
  wrapper: KeyWrapper,
  row: DataKeyRow,
): Promise<{ readonly wrapped: Uint8Array; readonly bytes: Uint8Array }> {
  let refusal: unknown;
  for (const wrapped of toWraps(row.wrapped)) {
    try {
      return { wrapped, bytes: await wrapper.unwrap(wrapped, contextOf(row)) };
    } catch (error) {
      if (!isAdapterError(error) || error.kind !== 'invalid') throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

function toKey(id: string, bytes: Uint8Array): DataKey {
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return { id, key };
}

async function create({ tenant, tenants, secrets, clock, random }: DataKeysOptions): Promise<DataKey> {
  const id = random.uuid();
  const bytes = randomBytes(32);
  const wrapped = await secrets.wrapper.wrap(bytes, contextOf({ tenantId: tenant, id }));
  await tenants.putDataKey({ id, tenantId: tenant, wrapped, createdAt: clock.now() });
  return toKey(id, bytes);
}

/** What was sealed cannot be read again, by anybody. */
export function shredded(): AdapterError {
  return new AdapterError('invalid', 'The data keys of the tenant are gone: it was erased.', {
    operation: 'seal.keys',
    code: 'KEY_GONE',
    remedy: 'Start the process again; what was sealed before stays unreadable.',
  });
}

/**
 * The tenant's sealer: keys are unwrapped once, and a first one, or one to follow an old one, is made where needed
 * (`fresh`: in any case). `known`: keys were there before, so that none at all means that somebody destroyed them.
 */
export async function openSealer(
  options: DataKeysOptions,
  { fresh = false, known = false }: { readonly fresh?: boolean; readonly known?: boolean } = {},
): Promise<FieldSealer> {
  const wrapper = requireWrapper(options.secrets);
  const rows = await options.tenants.dataKeys(options.tenant);
  if (known && rows.length === 0) throw shredded();
  const keys: DataKey[] = [];
  for (const row of rows) keys.push(toKey(row.id, (await openDataKey(wrapper, row)).bytes));
  const [newest] = rows;
  const young = newest !== undefined && options.clock.now() - newest.createdAt < SEALS_FOR_MS;
  return createFieldSealer(options.tenant, young && !fresh ? keys : [await create(options), ...keys]);
}
