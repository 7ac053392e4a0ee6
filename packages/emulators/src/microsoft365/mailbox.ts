import type { Random } from '../kit/random.ts';
import { type CalendarStore, createCalendarStore } from './calendar/calendar-store.ts';
import type { ChangeLog, Tell } from './change-log.ts';
import { appendChange, createChangeLog } from './change-log.ts';
import type { ContactContent } from './contact-content.ts';
import { applyContent, emptyContent } from './contact-content.ts';
import type { ContactIndex } from './contact-index.ts';
import { addToIndex, createContactIndex, removeFromIndex } from './contact-index.ts';
import type { ContactWrite } from './contact-input.ts';
import { GraphFailure } from './graph-error.ts';
import type { IdSpace } from './item-id.ts';
import {
  createIdSpace,
  defaultItemId,
  folderId,
  immutableItemId,
  nextChangeKey,
  nextTag,
} from './item-id.ts';

export interface StoredContact {
  /** The default id; changes with the folder. */
  id: string;
  immutableId: string;
  changeKey: string;
  createdAt: number;
  modifiedAt: number;
  content: ContactContent;
  extended: ReadonlyMap<string, string>;
  /** Undefined once deleted. */
  folder: Folder | undefined;
  row: number;
}

export interface Folder {
  readonly id: string;
  readonly tag: string;
  readonly isDefault: boolean;
  displayName: string;
  parentId: string;
  deleted: boolean;
  /** In creation order; holes where contacts left. */
  rows: (StoredContact | undefined)[];
  live: number;
  readonly log: ChangeLog<StoredContact>;
  /** The last filtered or sorted listing, so that paging through it stays linear. */
  memo: { key: string; version: number; rows: readonly StoredContact[] } | undefined;
}

export interface Tombstone {
  id: string;
  immutableId: string;
  folderId: string;
  at: number;
  by: 'app' | 'user';
  displayName: string | null;
}

export interface Mailbox {
  readonly ids: IdSpace;
  readonly rootId: string;
  readonly defaultFolder: Folder;
  readonly folders: Map<string, Folder>;
  readonly folderLog: ChangeLog<Folder>;
  /** By default and by immutable id. */
  readonly contacts: Map<string, StoredContact>;
  readonly index: ContactIndex<StoredContact>;
  readonly tombstones: Tombstone[];
  readonly calendar: CalendarStore;
  /** Service touches to come, by due time. */
  touches: { due: number; touch(at: number): void }[];
  /** Grows with every change. */
  version: number;
  /** Delta tokens of an earlier generation are gone. */
  generation: number;
  tell: Tell;
}

const newFolder = (
  ids: IdSpace,
  options: { displayName: string; parentId: string; isDefault: boolean },
): Folder => {
  const tag = nextTag(ids);
  return {
    ...options,
    id: folderId(ids, tag),
    tag,
    deleted: false,
    rows: [],
    live: 0,
    log: createChangeLog(),
    memo: undefined,
  };
};

export function createMailbox(random: Random): Mailbox {
  const ids = createIdSpace(random);
  const rootId = folderId(ids, nextTag(ids));
  const defaultFolder = newFolder(ids, { displayName: 'Contacts', parentId: rootId, isDefault: true });
  return {
    ids,
    rootId,
    defaultFolder,
    folders: new Map([[defaultFolder.id, defaultFolder]]),
    folderLog: createChangeLog(),
    contacts: new Map(),
    index: createContactIndex(),
    tombstones: [],
    calendar: createCalendarStore(ids),
    touches: [],
    version: 1,
    generation: 143,
    tell: undefined,
  };
}

const wholeSecond = (at: number): number => Math.floor(at / 1000) * 1000;

const recordChange = (
  mailbox: Mailbox,
  contact: StoredContact,
  change: { folder: Folder; at: number; removed: boolean },
): void => {
  const { folder, at, removed } = change;
  mailbox.version += 1;
  const { id, immutableId, changeKey } = contact;
  const isFirst = !folder.log.latest.has(contact);
  appendChange(folder.log, { at, removed, subject: contact, id, immutableId });
  mailbox.tell?.({ kind: 'contact', containerId: folder.id, id, immutableId, changeKey, removed, isFirst });
};

const putInFolder = (contact: StoredContact, folder: Folder): void => {
  contact.folder = folder;
  contact.row = folder.rows.length;
  folder.rows.push(contact);
  folder.live += 1;
};

const takeFromFolder = (contact: StoredContact, folder: Folder): void => {
  folder.rows[contact.row] = undefined;
  folder.live -= 1;
  contact.folder = undefined;
};

/** The folder's contacts in creation order. */
export function folderRows(folder: Folder): readonly StoredContact[] {
  if (folder.rows.length !== folder.live) {
    folder.rows = folder.rows.filter((contact) => contact !== undefined);
    folder.rows.forEach((contact, row) => {
      if (contact !== undefined) contact.row = row;
    });
  }
  return folder.rows as readonly StoredContact[];
}

export function addContact(
  mailbox: Mailbox,
  folder: Folder,
  write: ContactWrite & { at: number },
): StoredContact {
  const { ids } = mailbox;
  const tag = nextTag(ids);
  const contact: StoredContact = {
    id: defaultItemId(ids, folder.tag, tag),
    immutableId: immutableItemId(ids, tag),
    changeKey: nextChangeKey(ids),
    createdAt: wholeSecond(write.at),
    modifiedAt: wholeSecond(write.at),
    content: applyContent(emptyContent, write.changes),
    extended: write.extended,
    folder,
    row: 0,
  };
  putInFolder(contact, folder);
  mailbox.contacts.set(contact.id, contact);
  mailbox.contacts.set(contact.immutableId, contact);
  addToIndex(mailbox.index, contact);
  recordChange(mailbox, contact, { folder, at: write.at, removed: false });
  return contact;
}

/** A new change key and modification time; content stays unless given. */
export function touchContact(
  mailbox: Mailbox,
  contact: StoredContact,
  how: { at: number; write?: ContactWrite },
): void {
  const { write } = how;
  if (contact.folder === undefined) return;
  if (write !== undefined) {
    removeFromIndex(mailbox.index, contact);
    contact.content = applyContent(contact.content, write.changes);
    if (write.extended.size > 0) contact.extended = new Map([...contact.extended, ...write.extended]);
    addToIndex(mailbox.index, contact);
  }
  contact.changeKey = nextChangeKey(mailbox.ids);
  contact.modifiedAt = wholeSecond(how.at);
  recordChange(mailbox, contact, { folder: contact.folder, at: how.at, removed: false });
}

export function removeContact(
  mailbox: Mailbox,
  contact: StoredContact,
  how: { at: number; by: 'app' | 'user' },
): void {
  const folder = contact.folder;
  if (folder === undefined) return;
  takeFromFolder(contact, folder);
  removeFromIndex(mailbox.index, contact);
  mailbox.contacts.delete(contact.id);
  mailbox.contacts.delete(contact.immutableId);
  const { id, immutableId } = contact;
  const { displayName } = contact.content;
  mailbox.tombstones.push({ id, immutableId, folderId: folder.id, ...how, displayName });
  recordChange(mailbox, contact, { folder, at: how.at, removed: true });
}

/** Default id and change key are new, the immutable id stays; the old folder's delta reports a removal. */
export function moveContact(
  mailbox: Mailbox,
  contact: StoredContact,
  to: { folder: Folder; at: number },
): void {
  const { folder } = to;
  const from = contact.folder;
  if (from === undefined || from === folder) return;
  takeFromFolder(contact, from);
  recordChange(mailbox, contact, { folder: from, at: to.at, removed: true });
  mailbox.contacts.delete(contact.id);
  contact.id = defaultItemId(mailbox.ids, folder.tag, nextTag(mailbox.ids));
  mailbox.contacts.set(contact.id, contact);
  putInFolder(contact, folder);
  touchContact(mailbox, contact, { at: to.at });
}

/** Applies the service touches that have become due; called before anything looks at the mailbox. */
export function settleMailbox(mailbox: Mailbox, now: number): void {
  if (mailbox.touches.length === 0) return;
  const due = mailbox.touches.filter((touch) => touch.due <= now).sort((a, b) => a.due - b.due);
  if (due.length === 0) return;
  mailbox.touches = mailbox.touches.filter((touch) => touch.due > now);
  for (const { touch, due: at } of due) touch(at);
}

export const childFolders = (mailbox: Mailbox, parentId: string): Folder[] =>
  [...mailbox.folders.values()].filter((folder) => folder.parentId === parentId && !folder.isDefault);

const refuseTakenName = (mailbox: Mailbox, parentId: string, displayName: string): void => {
  const wanted = displayName.toLowerCase();
  if (childFolders(mailbox, parentId).some((folder) => folder.displayName.toLowerCase() === wanted)) {
    throw new GraphFailure(409, 'ErrorFolderExists', 'A folder with the specified name already exists.');
  }
};

const recordFolder = (mailbox: Mailbox, folder: Folder, change: { at: number; removed: boolean }): void => {
  mailbox.version += 1;
  appendChange(mailbox.folderLog, { ...change, subject: folder, id: folder.id, immutableId: folder.id });
};

export function addFolder(
  mailbox: Mailbox,
  options: { displayName: string; parentId?: string; at: number },
): Folder {
  const parentId = options.parentId ?? mailbox.defaultFolder.id;
  refuseTakenName(mailbox, parentId, options.displayName);
  const folder = newFolder(mailbox.ids, { displayName: options.displayName, parentId, isDefault: false });
  mailbox.folders.set(folder.id, folder);
  recordFolder(mailbox, folder, { at: options.at, removed: false });
  return folder;
}

export function renameFolder(
  mailbox: Mailbox,
  folder: Folder,
  to: { displayName: string; at: number },
): void {
  const { displayName, at } = to;
  if (folder.displayName.toLowerCase() !== displayName.toLowerCase()) {
    refuseTakenName(mailbox, folder.parentId, displayName);
  }
  folder.displayName = displayName;
  recordFolder(mailbox, folder, { at, removed: false });
}

/** With everything in and below it. The default folder stays. */
export function removeFolder(
  mailbox: Mailbox,
  folder: Folder,
  how: { at: number; by: 'app' | 'user' },
): void {
  if (folder.isDefault) {
    throw new GraphFailure(400, 'ErrorDeleteDistinguishedFolder', 'Distinguished folders cannot be deleted.');
  }
  for (const child of childFolders(mailbox, folder.id)) removeFolder(mailbox, child, how);
  for (const contact of [...folderRows(folder)]) removeContact(mailbox, contact, how);
  folder.deleted = true;
  mailbox.folders.delete(folder.id);
  recordFolder(mailbox, folder, { at: how.at, removed: true });
}
