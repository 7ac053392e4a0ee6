import { createSecretKey, randomBytes } from 'node:crypto';
import {
  AdapterError,
  type Clock,
  type DataKeyRow,
  type Random,
  type Secrets,
  type TenantStore,
} from '@tidelock/core';
import { createFieldSealer, type DataKey, type FieldSealer } from './field-seal.ts';

/** A key seals for this long; after that it only opens. */
const SEALS_FOR_MS = 90 * 86_400_000;

export interface DataKeysOptions {
  readonly tenant: string;
  readonly tenants: TenantStore;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly random: Random;
}

const contextOf = (tenant: string, id: string): string => `data-key/${tenant}/${id}`;

async function unwrap({ secrets }: DataKeysOptions, row: DataKeyRow): Promise<DataKey> {
  const bytes = await secrets.wrapper.unwrap(row.wrapped, contextOf(row.tenantId, row.id));
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return { id: row.id, key };
}

async function create({ tenant, tenants, secrets, clock, random }: DataKeysOptions): Promise<DataKey> {
  const id = random.uuid();
  const bytes = randomBytes(32);
  const wrapped = await secrets.wrapper.wrap(bytes, contextOf(tenant, id));
  await tenants.putDataKey({ id, tenantId: tenant, wrapped, createdAt: clock.now() });
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return { id, key };
}

/**
 * The tenant's sealer: keys are unwrapped once, and a first one, or one to follow an old one, is made where needed.
 * There is no way around it: without a wrapper nothing about people can be remembered, so nothing is.
 */
export async function openSealer(options: DataKeysOptions): Promise<FieldSealer> {
  if (!options.secrets.abilities.wrapper)
    throw new AdapterError(
      'unsupported',
      'The secret store wraps no keys, so data about people cannot be sealed.',
      {
        operation: 'seal.keys',
        remedy: 'Use an adapter under "secrets" that offers a key wrapper: @tidelock/secrets-file does.',
      },
    );
  const rows = await options.tenants.dataKeys(options.tenant);
  const keys: DataKey[] = [];
  for (const row of rows) keys.push(await unwrap(options, row));
  const [newest] = rows;
  const fresh = newest !== undefined && options.clock.now() - newest.createdAt < SEALS_FOR_MS;
  return createFieldSealer(options.tenant, fresh ? keys : [await create(options), ...keys]);
}
