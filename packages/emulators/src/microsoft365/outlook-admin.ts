import type { ContactWrite } from './contact-input.ts';
import { readContactWrite } from './contact-input.ts';
import { requireUser } from './directory-admin.ts';
import type { Folder, Mailbox, StoredContact } from './mailbox.ts';
import {
  addContact,
  addFolder,
  moveContact,
  removeContact,
  removeFolder,
  renameFolder,
  settleMailbox,
  touchContact,
} from './mailbox.ts';
import { requireContact, requireFolder } from './mailbox-call.ts';
import type { Settings, World } from './world.ts';

/** A person in the shape of a Graph contact. */
export type ContactInput = Readonly<Record<string, unknown>>;

export interface ContactRef {
  readonly id: string;
  readonly immutableId: string;
  readonly changeKey: string;
}

interface Place {
  mailbox: Mailbox;
  folder: Folder;
  at: number;
}

const toRef = ({ id, immutableId, changeKey }: StoredContact): ContactRef => ({ id, immutableId, changeKey });

const openMailbox = (world: World, userId: string): Mailbox => {
  const { mailbox } = requireUser(world, userId);
  settleMailbox(mailbox, world.clock.now());
  return mailbox;
};

const openPlace = (world: World, userId: string, folderId: string | undefined): Place => {
  const mailbox = openMailbox(world, userId);
  const folder = folderId === undefined ? mailbox.defaultFolder : requireFolder(mailbox, folderId);
  return { mailbox, folder, at: world.clock.now() };
};

const create = ({ mailbox, folder, at }: Place, contact: ContactInput): ContactRef =>
  toRef(addContact(mailbox, folder, { ...readContactWrite(contact, []), at }));

const withContact = (
  world: World,
  target: { userId: string; id: string },
  act: (mailbox: Mailbox, contact: StoredContact, at: number) => void,
): ContactRef => {
  const mailbox = openMailbox(world, target.userId);
  const contact = requireContact(mailbox, target.id, undefined);
  act(mailbox, contact, world.clock.now());
  return toRef(contact);
};

const mergeSettings = (settings: Settings, changes: SettingsChange): void => {
  settings.latencyMs = changes.latencyMs ?? settings.latencyMs;
  settings.churn = { ...settings.churn, ...changes.churn };
  settings.delta = { ...settings.delta, ...changes.delta };
  settings.throttle = { ...settings.throttle, ...changes.throttle };
};

export interface SettingsChange {
  latencyMs?: number;
  churn?: Partial<Settings['churn']>;
  delta?: Partial<Settings['delta']>;
  throttle?: Partial<Settings['throttle']>;
}

/** What people do in Outlook, and the service's own behaviour. Ids may be default or immutable ones. */
export const createOutlookAdmin = (world: World) => ({
  createContact: (userId: string, contact: ContactInput, folderId?: string): ContactRef =>
    create(openPlace(world, userId, folderId), contact),
  /** Many at once, in order. */
  seedContacts(userId: string, contacts: Iterable<ContactInput>, folderId?: string): ContactRef[] {
    const place = openPlace(world, userId, folderId);
    return Array.from(contacts, (contact) => create(place, contact));
  },
  updateContact: (userId: string, id: string, changes: ContactInput): ContactRef =>
    withContact(world, { userId, id }, (mailbox, contact, at) => {
      const write = readContactWrite(changes, contact.content.emailAddresses);
      touchContact(mailbox, contact, { at, write });
    }),
  deleteContact: (userId: string, id: string): ContactRef =>
    withContact(world, { userId, id }, (mailbox, contact, at) =>
      removeContact(mailbox, contact, { at, by: 'user' }),
    ),
  moveContact: (userId: string, id: string, folderId: string): ContactRef =>
    withContact(world, { userId, id }, (mailbox, contact, at) =>
      moveContact(mailbox, contact, { folder: requireFolder(mailbox, folderId), at }),
    ),
  /** The copy carries the extended properties too. Default: into the same folder. */
  copyContact(userId: string, id: string, folderId?: string): ContactRef {
    const mailbox = openMailbox(world, userId);
    const { folder, content, extended } = requireContact(mailbox, id, undefined);
    const target =
      folderId === undefined ? (folder ?? mailbox.defaultFolder) : requireFolder(mailbox, folderId);
    const write: ContactWrite = { changes: content, extended };
    return toRef(addContact(mailbox, target, { ...write, at: world.clock.now() }));
  },
  /** A service touch: a new change key and modification time, the same content. */
  touchContact: (userId: string, id: string): ContactRef =>
    withContact(world, { userId, id }, (mailbox, contact, at) => touchContact(mailbox, contact, { at })),
  createFolder(userId: string, displayName: string, parentFolderId?: string): { id: string } {
    const { mailbox, folder, at } = openPlace(world, userId, parentFolderId);
    return { id: addFolder(mailbox, { displayName, parentId: folder.id, at }).id };
  },
  renameFolder(userId: string, folderId: string, displayName: string): void {
    const { mailbox, folder, at } = openPlace(world, userId, folderId);
    renameFolder(mailbox, folder, { displayName, at });
  },
  deleteFolder(userId: string, folderId: string): void {
    const { mailbox, folder, at } = openPlace(world, userId, folderId);
    removeFolder(mailbox, folder, { at, by: 'user' });
  },
  /** Every delta token given out so far for this mailbox answers 410 from now on, also in the middle of a round. */
  expireDeltaTokens(userId: string): void {
    openMailbox(world, userId).generation += 1;
  },
  configure: (changes: SettingsChange): void => mergeSettings(world.settings, changes),
});
