import { addAssociation, removeAssociation } from './associations.ts';
import { mergeRecords } from './merge.ts';
import type { Owner, Portal, PortalSettings } from './portal.ts';
import { requireTable } from './portal.ts';
import type { PrivateApp, PrivateApps } from './private-apps.ts';
import { defineProperty } from './properties-api.ts';
import {
  archiveRecord,
  changeTime,
  createRecord,
  purgeRecord,
  restoreRecord,
  updateRecord,
} from './records.ts';
import type { Table } from './table.ts';
import type { Subscription, Webhooks } from './webhooks.ts';

type Values = Readonly<Record<string, string | null>>;

export interface NewOwner {
  readonly email: string;
  readonly firstName?: string;
  readonly lastName?: string;
}

export interface NewProperty {
  /** Lower case. */
  readonly name: string;
  readonly label?: string;
  readonly type?: string;
  readonly fieldType?: string;
  readonly hasUniqueValue?: boolean;
  readonly options?: readonly { readonly label: string; readonly value: string }[];
}

/** What an administrator or a person working in the CRM does. Refusals throw the service's own error. */
export interface Admin {
  readonly portalId: number;
  readonly settings: PortalSettings;
  createPrivateApp(app: { readonly name: string; readonly scopes?: readonly string[] }): PrivateApp;
  /** The old token ends at once. */
  rotateToken(appId: number): PrivateApp;
  setScopes(appId: number, scopes: readonly string[]): void;
  /** Returns the owner's id, which is not the user's. */
  addOwner(owner: NewOwner): string;
  archiveOwner(id: string): void;
  addProperty(objectType: string, property: NewProperty): void;
  removeProperty(objectType: string, name: string): void;
  /** A validation rule of the account: this value is refused from now on, whoever writes it. `objectType`: default contacts. */
  refuseValue(rule: {
    readonly objectType?: string;
    readonly property: string;
    readonly value: string;
  }): void;
  createContact(values: Values): string;
  updateContact(id: string, values: Values): void;
  archiveContact(id: string): void;
  restoreContact(id: string): void;
  /** For good, as a privacy request asks. */
  purgeContact(id: string): void;
  /** Returns the id of the result. */
  mergeContacts(primaryId: string, otherId: string): string;
  /** A computed property moves: the time of change with it, and nothing that people see. */
  touchContact(id: string): void;
  /** Meetings are ISO 8601 moments and texts, as the API takes them. */
  createMeeting(values: Values, contactIds?: readonly string[]): string;
  updateMeeting(id: string, values: Values): void;
  archiveMeeting(id: string): void;
  restoreMeeting(id: string): void;
  purgeMeeting(id: string): void;
  /** Puts a contact on a meeting, or takes one off. */
  associate(meetingId: string, contactId: string): void;
  dissociate(meetingId: string, contactId: string): void;
  subscribe(subscription: Omit<Subscription, 'id'>): number;
}

const PERSON = { actor: { app: undefined } } as const;

function addOwner(portal: Portal, { email, firstName = '', lastName = '' }: NewOwner): string {
  const id = portal.nextId();
  const now = portal.clock.now();
  const userId = 9_000_000 + portal.random.int(900_000);
  const owner: Owner = {
    id,
    email,
    firstName,
    lastName,
    userId,
    archived: false,
    createdAt: now,
    updatedAt: now,
  };
  portal.owners.set(id, owner);
  portal.version += 1;
  return id;
}

function touch(portal: Portal, table: Table, id: string): void {
  const row = table.get(id);
  if (row === undefined) throw new Error(`no contact ${id}`);
  const now = portal.clock.now();
  table.put(
    { ...row, updatedAt: changeTime(row, now) },
    { now, searchableAt: now + portal.settings.searchLagMs },
  );
  portal.version += 1;
}

type MeetingActs = Pick<
  Admin,
  | 'createMeeting'
  | 'updateMeeting'
  | 'archiveMeeting'
  | 'restoreMeeting'
  | 'purgeMeeting'
  | 'associate'
  | 'dissociate'
>;

function createMeetingActs(portal: Portal): MeetingActs {
  const meetings = requireTable(portal, 'meetings');
  const contacts = requireTable(portal, 'contacts');
  const ends = (id: string, contactId: string) => ({
    from: { table: meetings, id },
    to: { table: contacts, id: contactId },
    acting: PERSON,
  });
  return {
    createMeeting(properties, contactIds = []) {
      const { id } = createRecord(portal, meetings, { properties, acting: PERSON });
      for (const contactId of contactIds) addAssociation(portal, ends(id, contactId));
      return id;
    },
    updateMeeting: (id, properties) =>
      void updateRecord(portal, meetings, { id, properties, acting: PERSON }),
    archiveMeeting: (id) => archiveRecord(portal, meetings, { id, acting: PERSON }),
    restoreMeeting: (id) => void restoreRecord(portal, meetings, { id, acting: PERSON }),
    purgeMeeting: (id) => purgeRecord(portal, meetings, { id, acting: PERSON }),
    associate: (id, contactId) => addAssociation(portal, ends(id, contactId)),
    dissociate: (id, contactId) => removeAssociation(portal, ends(id, contactId)),
  };
}

export function createAdmin(of: { portal: Portal; apps: PrivateApps; webhooks: Webhooks }): Admin {
  const { portal, apps, webhooks } = of;
  const contacts = requireTable(portal, 'contacts');
  return {
    portalId: portal.id,
    settings: portal.settings,
    createPrivateApp: (app) => apps.create(app),
    rotateToken: (appId) => apps.rotate(appId),
    setScopes: (appId, scopes) => apps.setScopes(appId, scopes),
    addOwner: (owner) => addOwner(portal, owner),
    archiveOwner(id) {
      const owner = portal.owners.get(id);
      if (owner === undefined) throw new Error(`no owner ${id}`);
      portal.owners.set(id, { ...owner, archived: true });
    },
    addProperty(objectType, property) {
      const groupName = objectType === 'meetings' ? 'engagement' : 'contactinformation';
      const defaults = { label: property.name, type: 'string', fieldType: 'text', groupName };
      defineProperty(requireTable(portal, objectType), { ...defaults, ...property }, portal.clock.now());
      portal.version += 1;
    },
    removeProperty(objectType, name) {
      requireTable(portal, objectType).properties.delete(name);
      portal.version += 1;
    },
    refuseValue({ objectType = 'contacts', property, value }) {
      const table = requireTable(portal, objectType);
      const known = table.properties.get(property);
      if (known === undefined) throw new Error(`no property ${property}`);
      table.addProperty({ ...known, refused: [...known.refused, value] });
    },
    createContact: (properties) => createRecord(portal, contacts, { properties, acting: PERSON }).id,
    updateContact: (id, properties) =>
      void updateRecord(portal, contacts, { id, properties, acting: PERSON }),
    archiveContact: (id) => archiveRecord(portal, contacts, { id, acting: PERSON }),
    restoreContact: (id) => void restoreRecord(portal, contacts, { id, acting: PERSON }),
    purgeContact: (id) => purgeRecord(portal, contacts, { id, acting: PERSON }),
    mergeContacts: (primaryId, otherId) =>
      mergeRecords(portal, contacts, { primaryId, otherId, actor: PERSON.actor }).id,
    touchContact: (id) => touch(portal, contacts, id),
    ...createMeetingActs(portal),
    subscribe: (subscription) => webhooks.subscribe(subscription),
  };
}
