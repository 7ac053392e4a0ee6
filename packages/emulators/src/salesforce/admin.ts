import { sharedActivityFields } from './activity-objects.ts';
import { type ActivityActs, createActivityActs } from './admin-activities.ts';
import type { ConnectedApp, ConnectedApps } from './connected-apps.ts';
import { toWholeSecond } from './datetime.ts';
import { createRecord, deleteRecord, mergeRecords, undeleteRecord, updateRecord } from './dml.ts';
import { type Org, type OrgSettings, requireTable, type ValidationRule } from './org.ts';
import type { Actor } from './record-store.ts';
import { isDeleted, type Row } from './row.ts';
import { defineField, type FieldType } from './schema.ts';
import type { Sessions } from './sessions.ts';

type Fields = Record<string, unknown>;

export interface NewUser {
  readonly username: string;
  readonly email?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly active?: boolean;
  readonly federationIdentifier?: string;
  readonly employeeNumber?: string;
  readonly timeZone?: string;
}

export interface NewField {
  /** Ends in `__c`. */
  readonly name: string;
  readonly type: FieldType;
  readonly label?: string;
  /** Default 255 for text types. */
  readonly length?: number;
  readonly unique?: boolean;
  readonly externalId?: boolean;
  /** Whether unique values and look-ups tell upper from lower case. Default false. */
  readonly caseSensitive?: boolean;
  readonly picklistValues?: readonly string[];
}

/** What an administrator or a person working in the CRM does. Refusals throw ApiError. */
export interface Admin extends ActivityActs {
  readonly orgId: string;
  readonly settings: OrgSettings;
  registerApp(app: ConnectedApp): void;
  /** Returns the user's id. */
  addUser(user: NewUser): string;
  /** A person who acts when no user id is given. */
  readonly defaultUserId: string;
  setUserActive(userId: string, active: boolean): void;
  /** Pre-authorises a user for an app. */
  approve(userId: string, consumerKey: string): void;
  withdrawApproval(userId: string, consumerKey: string): void;
  /** Ends all sessions, or those of one user or app. */
  endSessions(filter?: { userId?: string; app?: string }): void;
  addField(objectName: string, field: NewField): void;
  /** Setup > User Interface > Name Settings: middle names and name suffixes of people. */
  enableNameFields(): void;
  /** Setup > Activity Settings > Allow Users to Relate Multiple Contacts to Tasks and Events. */
  enableSharedActivities(): void;
  addValidationRule(rule: ValidationRule): void;
  createAccount(fields: Fields, byUserId?: string): string;
  deleteAccount(id: string, byUserId?: string): void;
  createContact(fields: Fields, byUserId?: string): string;
  updateContact(id: string, fields: Fields, byUserId?: string): void;
  deleteContact(id: string, byUserId?: string): void;
  undelete(id: string, byUserId?: string): void;
  /** One or two losers go to the recycle bin; `keep` are values the master takes over. */
  merge(masterId: string, loserIds: readonly string[], keep?: Fields): void;
  /** Moves SystemModstamp but not LastModifiedDate, as formula back-fills and owner cascades do. */
  systemTouch(ids: readonly string[]): void;
  /** Changes who API users see: an unshared contact is not found, and not reported as removed either. */
  setShared(id: string, shared: boolean): void;
  /** Removes a record for good, in the recycle bin or not, with no trace but the delete log. */
  hardDelete(id: string): void;
  emptyRecycleBin(): void;
  /** Creates `count` contacts in one go and returns their ids. */
  seedContacts(count: number, make: (index: number) => Fields): string[];
}

interface AdminOptions {
  readonly org: Org;
  readonly apps: ConnectedApps;
  readonly sessions: Sessions;
}

const TEXT_TYPES: readonly FieldType[] = ['string', 'textarea', 'picklist', 'email', 'phone', 'url'];

function addField(org: Org, objectName: string, field: NewField): void {
  if (!/^[A-Za-z][A-Za-z0-9_]*__c$/.test(field.name))
    throw new Error('the name of a custom field ends in __c');
  if (objectName === 'Event') throw new Error("fields of one's own for events belong to Activity");
  // What Activity has, its events have.
  const table = requireTable(org, objectName === 'Activity' ? 'Event' : objectName);
  if (table.object.field(field.name) !== undefined)
    throw new Error(`${objectName} has a field ${field.name} already`);
  const definition = defineField(field.name, field.label ?? field.name.replace(/__c$/, ''), {
    type: field.type,
    length: TEXT_TYPES.includes(field.type) ? (field.length ?? 255) : 0,
    unique: field.unique ?? false,
    externalId: field.externalId ?? false,
    // The service makes external id and unique fields look-up fields.
    idLookup: (field.externalId ?? false) || (field.unique ?? false),
    caseSensitive: field.caseSensitive ?? false,
    picklistValues: field.picklistValues ?? [],
    custom: true,
  });
  table.object.add(definition);
  if (definition.idLookup) table.addIndex(definition);
  org.schemaChangedAt = org.clock.now();
  org.version += 1;
}

function enableNameFields(org: Org): void {
  const { object } = requireTable(org, 'Contact');
  for (const name of ['MiddleName', 'Suffix']) {
    const label = name === 'Suffix' ? name : 'Middle Name';
    if (object.field(name) === undefined)
      object.add(defineField(name, label, { type: 'string', length: 40 }));
  }
  org.schemaChangedAt = org.clock.now();
  org.version += 1;
}

function enableSharedActivities(org: Org): void {
  const table = requireTable(org, 'EventRelation');
  for (const field of sharedActivityFields())
    if (table.object.field(field.name) === undefined) table.object.add(field);
  org.schemaChangedAt = org.clock.now();
  org.version += 1;
}

/** Writes past the rules of the API: users and the organization are not created through it. */
export function putSystemRow(
  org: Org,
  objectName: string,
  fields: Record<string, string | boolean | null>,
): string {
  const table = requireTable(org, objectName);
  const id = objectName === 'Organization' ? org.id : org.nextId(table.object);
  const now = org.clock.now();
  const stamp = toWholeSecond(now);
  const values: Row['values'] = {
    CreatedDate: stamp,
    LastModifiedDate: stamp,
    SystemModstamp: stamp,
    ...fields,
  };
  table.put({ id, stamp, values }, { visibleAt: now, now });
  org.version += 1;
  return id;
}

function addUser(org: Org, user: NewUser): string {
  const lastName = user.lastName ?? user.username;
  return putSystemRow(org, 'User', {
    Username: user.username,
    Email: user.email ?? user.username,
    FirstName: user.firstName ?? null,
    LastName: lastName,
    Name: user.firstName === undefined ? lastName : `${user.firstName} ${lastName}`,
    Alias: user.username.slice(0, 8),
    IsActive: user.active ?? true,
    FederationIdentifier: user.federationIdentifier ?? null,
    EmployeeNumber: user.employeeNumber ?? null,
    TimeZoneSidKey: user.timeZone ?? 'Europe/London',
    LocaleSidKey: 'en_GB',
    LanguageLocaleKey: 'en_US',
    UserType: 'Standard',
  });
}

function rewrite(org: Org, id: string, changes: Row['values']): void {
  const table = org.tableOf(id);
  const row = table?.latest(id);
  if (table === undefined || row === undefined) throw new Error(`there is no record ${id}`);
  const now = org.clock.now();
  const stamp = toWholeSecond(now);
  const values = { ...row.values, ...changes, SystemModstamp: stamp };
  table.put({ id, stamp, values }, { visibleAt: now + org.settings.commitLagMs, now });
  org.version += 1;
}

export function createAdmin({ org, apps, sessions }: AdminOptions): Admin {
  const defaultUserId = addUser(org, {
    username: 'rhea.person@example.com',
    firstName: 'Rhea',
    lastName: 'Person',
  });
  const contacts = requireTable(org, 'Contact');
  const accounts = requireTable(org, 'Account');
  const person = (userId = defaultUserId): Actor => ({
    userId,
    app: undefined,
    allowDuplicates: true,
    lagMs: org.settings.commitLagMs,
    journal: undefined,
  });
  const tableFor = (id: string) => {
    const table = org.tableOf(id);
    if (table === undefined) throw new Error(`there is no record ${id}`);
    return table;
  };
  return {
    orgId: org.id,
    settings: org.settings,
    defaultUserId,
    registerApp: apps.register,
    addUser: (user) => addUser(org, user),
    setUserActive: (userId, active) => rewrite(org, userId, { IsActive: active }),
    approve: apps.approve,
    withdrawApproval: apps.withdraw,
    endSessions: sessions.endAll,
    addField: (objectName, field) => addField(org, objectName, field),
    enableNameFields: () => enableNameFields(org),
    enableSharedActivities: () => enableSharedActivities(org),
    addValidationRule(rule) {
      org.validationRules.push(rule);
    },
    createAccount: (body, userId) => createRecord(org, accounts, { body, actor: person(userId) }),
    deleteAccount: (id, userId) => deleteRecord(org, accounts, { id, actor: person(userId) }),
    createContact: (body, userId) => createRecord(org, contacts, { body, actor: person(userId) }),
    updateContact: (id, body, userId) => updateRecord(org, contacts, { id, body, actor: person(userId) }),
    deleteContact: (id, userId) => deleteRecord(org, contacts, { id, actor: person(userId) }),
    ...createActivityActs(org, person),
    undelete: (id, userId) => undeleteRecord(org, tableFor(id), { id, actor: person(userId) }),
    merge(masterId, loserIds, keep = {}) {
      mergeRecords(org, tableFor(masterId), { masterId, loserIds, keep, actor: person() });
    },
    systemTouch(ids) {
      for (const id of ids) rewrite(org, id, {});
    },
    setShared(id, shared) {
      const { hidden } = tableFor(id);
      if (shared) hidden.delete(id);
      else hidden.add(id);
      org.version += 1;
    },
    hardDelete(id) {
      const table = tableFor(id);
      const row = table.latest(id);
      if (row !== undefined && !isDeleted(row)) deleteRecord(org, table, { id, actor: person() });
      org.purge(table, id);
    },
    emptyRecycleBin() {
      for (const table of org.tables) {
        for (const row of [...table.latestRows()]) if (isDeleted(row)) org.purge(table, row.id);
      }
    },
    seedContacts(count, make) {
      const actor = person();
      return Array.from({ length: count }, (_, index) =>
        createRecord(org, contacts, { body: make(index), actor }),
      );
    },
  };
}
