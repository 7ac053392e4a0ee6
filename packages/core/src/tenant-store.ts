/**
 * Tenants, connections, the public halves of keys, profiles, assignments and the audit trail. Sealed values are opaque bytes here: whoever calls has sealed
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

/** A key that fields of one tenant are sealed with, wrapped by the secret store. Useless without it. The wrapped form is opaque. */
export interface DataKeyRow {
  /** UUID; stands in every sealed field, so that old fields find their key. */
  readonly id: string;
  readonly tenantId: string;
  readonly wrapped: Uint8Array;
  /** Milliseconds since the epoch. The newest key seals; all of them open. */
  readonly createdAt: number;
}

/** A named set of rules as it was last in force, so that the next run can tell what changed. */
export interface ProfileRow {
  readonly tenantId: string;
  readonly name: string;
  /** The effective rules as JSON, keys sorted: equal text is the same profile. */
  readonly document: string;
  /** Milliseconds since the epoch at which it came into force. */
  readonly at: number;
}

/** Which profile a mailbox follows, whose it is in the CRM, and by which rule: as of the last run. */
export interface AssignmentRow {
  readonly tenantId: string;
  /** Directory object id. */
  readonly mailboxId: string;
  readonly address: string;
  readonly laneId: string;
  /** `null`: no rule names it any more. */
  readonly profile: string | null;
  /** The rule that decided, for people: `address`, `group Sales`, `default`. */
  readonly rule: string;
  readonly crmUser: { readonly id: string; readonly name: string; readonly email: string | null } | null;
  /** The keys that matched, for people: `email = email`; `decided` for a person's word; null = not matched. */
  readonly matchedBy: string | null;
  /** What a person decided: id of the CRM user. Survives everything but another decision. */
  readonly decided: { readonly crmUserId: string; readonly by: string; readonly at: number } | null;
  /** Why it takes no part although a profile names it; null = it takes part. */
  readonly blocked: string | null;
  /** Since when no rule names it: its pairs rest as they are. */
  readonly removedAt: number | null;
  readonly at: number;
}

/** One administrative act. Holds names of things and rules, never contents of records. */
export interface AuditRow {
  /** Unique; appending the same id again changes nothing. */
  readonly id: string;
  readonly tenantId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly who: string;
  /** `pause`, `resume`, `reset`, `profile.changed`, `review.decided` ...: kebab-case words, joined by a dot. */
  readonly act: string;
  /** What it was done to: an address, the name of a profile, an id. */
  readonly subject: string;
  readonly laneId: string | null;
  /** JSON values; null = there was nothing, or there is nothing now. */
  readonly before: unknown;
  readonly after: unknown;
}

/** `seq` goes up with every row appended, across tenants. */
export interface AuditEntry extends AuditRow {
  readonly seq: number;
}

/** Every `put` is an upsert by id and safe to repeat. Reads answer `null` only for "there is no such row". */
export interface TenantStore {
  putTenant(row: TenantRow): Promise<void>;
  tenant(id: string): Promise<TenantRow | null>;
  tenantByIndex(tenantIndex: string): Promise<TenantRow | null>;
  tenants(): Promise<readonly TenantRow[]>;
  /**
   * Removes the tenant with its connections, keys, profiles and assignments. Without its data keys, nothing sealed for it
   * can be read again. The audit trail stays.
   */
  removeTenant(id: string): Promise<void>;
  putConnection(row: ConnectionRow): Promise<void>;
  connections(tenantId: string): Promise<readonly ConnectionRow[]>;
  putKey(row: PublicKeyRow): Promise<void>;
  keys(tenantId: string): Promise<readonly PublicKeyRow[]>;
  /** The tenant need not have a row yet. A row of that id stays as it is. */
  putDataKey(row: DataKeyRow): Promise<void>;
  /** Replaces the wrapped form of a data key, while it is still `from`. False: it was another one by then, or is gone. */
  rewrapDataKey(id: string, change: { readonly from: Uint8Array; readonly to: Uint8Array }): Promise<boolean>;
  /** Newest first. */
  dataKeys(tenantId: string): Promise<readonly DataKeyRow[]>;
  /** Neither a profile nor an assignment needs a tenant row. */
  putProfile(row: ProfileRow): Promise<void>;
  removeProfile(tenantId: string, name: string): Promise<void>;
  /** In the order of names. */
  profiles(tenantId: string): Promise<readonly ProfileRow[]>;
  putAssignments(rows: readonly AssignmentRow[]): Promise<void>;
  /** In the order of mailbox ids. */
  assignments(tenantId: string): Promise<readonly AssignmentRow[]>;
  /** All or none, in their order. There is no way to change or to remove a row. */
  appendAudit(rows: readonly AuditRow[]): Promise<void>;
  /** Newest first; `before` goes on behind the last row of an earlier answer. */
  audit(
    tenantId: string,
    query: { readonly since?: number; readonly before?: number; readonly limit: number },
  ): Promise<readonly AuditEntry[]>;
}
