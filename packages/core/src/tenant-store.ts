/**
 * Tenants, connections and the public halves of keys. Sealed values are opaque bytes here: whoever calls has sealed
 * them (AES-256-GCM under a data key that the secret store wraps), so no store ever sees a tenant id in clear.
 */
export interface TenantRow {
  readonly id: string;
  readonly name: string;
  /** The directory's tenant id, sealed. */
  readonly sealedTenantId: Uint8Array;
  /** Keyed blind index over the tenant id; unique, so one tenant belongs to one row. */
  readonly tenantIndex: string;
  readonly createdAt: number;
}

export interface ConnectionRow {
  readonly id: string;
  readonly tenantId: string;
  readonly contract: 'mailbox' | 'crm';
  readonly adapter: string;
  /** Milliseconds since the epoch of the last successful call of any kind. */
  readonly lastOkAt: number | null;
  readonly state: 'pending' | 'connected' | 'broken' | 'disconnected';
}

export interface PublicKeyRow {
  readonly tenantId: string;
  readonly keyName: string;
  readonly sha256: string;
  readonly notAfter: number;
}

/** A key that fields of one tenant are sealed with, wrapped by the secret store. Useless without it. */
export interface DataKeyRow {
  /** UUID; stands in every sealed field, so that old fields find their key. */
  readonly id: string;
  readonly tenantId: string;
  readonly wrapped: Uint8Array;
  /** Milliseconds since the epoch. The newest key seals; all of them open. */
  readonly createdAt: number;
}

/** Every `put` is an upsert by id and safe to repeat. Reads answer `null` only for "there is no such row". */
export interface TenantStore {
  putTenant(row: TenantRow): Promise<void>;
  tenant(id: string): Promise<TenantRow | null>;
  tenantByIndex(tenantIndex: string): Promise<TenantRow | null>;
  tenants(): Promise<readonly TenantRow[]>;
  /** Removes the tenant with its connections and keys. Without its data keys, nothing sealed for it can be read again. */
  removeTenant(id: string): Promise<void>;
  putConnection(row: ConnectionRow): Promise<void>;
  connections(tenantId: string): Promise<readonly ConnectionRow[]>;
  putKey(row: PublicKeyRow): Promise<void>;
  keys(tenantId: string): Promise<readonly PublicKeyRow[]>;
  /** The tenant need not have a row yet. A row of that id stays as it is. */
  putDataKey(row: DataKeyRow): Promise<void>;
  /** Newest first. */
  dataKeys(tenantId: string): Promise<readonly DataKeyRow[]>;
}
