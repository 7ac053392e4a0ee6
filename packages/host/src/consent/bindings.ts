import type { ConnectionRow, TenantRow, TenantStore } from '@tidelock/core';
import { isAdapterError } from '@tidelock/core';
import type { BlindIndex } from '../sealing/blind-index.ts';
import type { FieldPlace, FieldSealer } from '../sealing/field-seal.ts';
import { ConsentRefusal } from './refusal.ts';

const place = (account: string): FieldPlace => ({ table: 'tenant', column: 'tenant_id', row: account });
const taken = (): ConsentRefusal =>
  new ConsentRefusal('tenant-taken', 'another account holds this organisation');

export interface BindingsParts {
  readonly tenants: TenantStore;
  readonly index: BlindIndex;
  sealer(): Promise<FieldSealer>;
  /** Adapter of the mailbox side. */
  readonly adapter: string;
  now(): number;
}

/** Which account of this installation holds which organisation: sealed, and found by its blind index only. */
export interface Bindings {
  /** Throws `tenant-taken`. */
  requireFree(account: string, tenant: string): Promise<void>;
  /** Safe to repeat. Throws `tenant-taken`, also when somebody else was faster. */
  bind(account: string, tenant: string): Promise<void>;
  /** The tenant that the account holds; null = none. */
  tenantOf(account: string): Promise<string | null>;
  /** Forgets which organisation it was, and says that there is none. What was synchronised stays. */
  release(account: string): Promise<void>;
  /** For the audit trail: tells tenants apart and names none. */
  fingerprint(tenant: string): string;
}

export const connectionIdOf = (account: string): string => `${account}:mailbox`;

/** An account without a tenant keeps its row: a unique index that is no tenant's. */
export const freeTenant = (account: string, createdAt: number): TenantRow => ({
  ...{ id: account, name: account, sealedTenantId: new Uint8Array(0), tenantIndex: `free:${account}` },
  createdAt,
});

export function createBindings(parts: BindingsParts): Bindings {
  const { tenants, index, adapter, now } = parts;

  const requireFree = async (account: string, tenant: string): Promise<void> => {
    const holder = await tenants.tenantByIndex(index.of(tenant));
    if (holder !== null && holder.id !== account) throw taken();
  };

  const putTenant = async (row: TenantRow): Promise<void> => {
    try {
      await tenants.putTenant(row);
    } catch (error) {
      if (isAdapterError(error) && error.kind === 'conflict') throw taken();
      throw error;
    }
  };

  const putConnection = (account: string, state: ConnectionRow['state'], lastOkAt: number | null) =>
    tenants.putConnection({
      ...{ id: connectionIdOf(account), tenantId: account, contract: 'mailbox', adapter },
      ...{ state, lastOkAt },
    });

  return {
    requireFree,
    async bind(account, tenant) {
      await requireFree(account, tenant);
      const sealed = (await parts.sealer()).seal(place(account), tenant);
      const before = await tenants.tenant(account);
      await putTenant({
        ...{ id: account, name: account, tenantIndex: index.of(tenant) },
        sealedTenantId: new Uint8Array(Buffer.from(sealed, 'base64')),
        createdAt: before?.createdAt ?? now(),
      });
      await putConnection(account, 'connected', now());
    },
    async tenantOf(account) {
      const row = await tenants.tenant(account);
      if (row === null || row.sealedTenantId.length === 0) return null;
      const sealed = Buffer.from(row.sealedTenantId).toString('base64');
      return (await parts.sealer()).open(place(account), sealed) as string;
    },
    async release(account) {
      const row = await tenants.tenant(account);
      await tenants.putTenant({
        ...freeTenant(account, row?.createdAt ?? now()),
        name: row?.name ?? account,
      });
      await putConnection(account, 'disconnected', null);
    },
    fingerprint: (tenant) => index.of(tenant).slice(0, 12),
  };
}
