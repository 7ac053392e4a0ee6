import type { ContactContent } from './contact-content.ts';
import { toInstant } from './contact-view.ts';
import { requireUser } from './directory-admin.ts';
import type { Mailbox, StoredContact, Tombstone } from './mailbox.ts';
import { settleMailbox } from './mailbox.ts';
import type { AppWrite, World } from './world.ts';

export interface ExtendedProperty {
  readonly id: string;
  readonly value: string;
}

/** A live contact with everything the store holds. */
export type OracleContact = ContactContent & {
  readonly id: string;
  readonly immutableId: string;
  readonly folderId: string;
  readonly changeKey: string;
  readonly createdDateTime: string;
  readonly lastModifiedDateTime: string;
  readonly extended: readonly ExtendedProperty[];
};

export interface OracleFolder {
  readonly id: string;
  readonly displayName: string;
  readonly parentFolderId: string;
  readonly isDefault: boolean;
  readonly contacts: number;
}

const openMailbox = (world: World, userId: string): Mailbox => {
  const { mailbox } = requireUser(world, userId);
  settleMailbox(mailbox, world.clock.now());
  return mailbox;
};

const toOracleContact = (contact: StoredContact): OracleContact =>
  Object.freeze({
    ...contact.content,
    id: contact.id,
    immutableId: contact.immutableId,
    folderId: contact.folder?.id ?? '',
    changeKey: contact.changeKey,
    createdDateTime: toInstant(contact.createdAt),
    lastModifiedDateTime: toInstant(contact.modifiedAt),
    extended: Object.freeze([...contact.extended].map(([id, value]) => Object.freeze({ id, value }))),
  });

const liveContacts = (mailbox: Mailbox): StoredContact[] =>
  [...mailbox.folders.values()].flatMap((folder) => folder.rows.filter((contact) => contact !== undefined));

/** The truth behind the wire, for tests. Everything is a frozen copy. */
export const createOracle = (world: World) => ({
  /** Live contacts of all folders, each folder in creation order. */
  contacts: (userId: string): readonly OracleContact[] =>
    Object.freeze(liveContacts(openMailbox(world, userId)).map(toOracleContact)),
  contact(userId: string, id: string): OracleContact | undefined {
    const contact = openMailbox(world, userId).contacts.get(id);
    return contact === undefined ? undefined : toOracleContact(contact);
  },
  /** The default folder first. */
  folders(userId: string): readonly OracleFolder[] {
    const folders = [...openMailbox(world, userId).folders.values()].map((folder) =>
      Object.freeze({
        id: folder.id,
        displayName: folder.displayName,
        parentFolderId: folder.parentId,
        isDefault: folder.isDefault,
        contacts: folder.live,
      }),
    );
    return Object.freeze(folders);
  },
  counts(userId: string): {
    readonly contacts: number;
    readonly folders: number;
    readonly tombstones: number;
  } {
    const { folders, tombstones } = openMailbox(world, userId);
    const contacts = [...folders.values()].reduce((sum, folder) => sum + folder.live, 0);
    return Object.freeze({ contacts, folders: folders.size, tombstones: tombstones.length });
  },
  tombstones: (userId: string): readonly Readonly<Tombstone>[] =>
    Object.freeze(openMailbox(world, userId).tombstones.map((tombstone) => Object.freeze({ ...tombstone }))),
  /** Successful writes by applications, oldest first, of one mailbox or of all. */
  writes(userId?: string): readonly AppWrite[] {
    const wanted = userId === undefined ? undefined : requireUser(world, userId).id;
    return Object.freeze(world.writes.filter((write) => wanted === undefined || write.userId === wanted));
  },
  /** Grows with every change of the mailbox. */
  version: (userId: string): number => openMailbox(world, userId).version,
  tokensIssued: (): number => world.tokensIssued,
});
