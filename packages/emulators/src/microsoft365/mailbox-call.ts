import type { Session } from './access.ts';
import type { GraphCall } from './graph-call.ts';
import { badBody, toFaultPath } from './graph-call.ts';
import { changeKeyConflict, itemNotFound, malformedId, unreadableBody } from './graph-error.ts';
import { isOwnId } from './item-id.ts';
import type { Folder, Mailbox, StoredContact } from './mailbox.ts';
import type { User, World } from './world.ts';

/** A request to one mailbox that has passed access and throttling. */
export interface MailboxCall {
  world: World;
  call: GraphCall;
  session: Session;
  user: User;
  mailbox: Mailbox;
}

export function requireJson(call: GraphCall): unknown {
  if (call.body !== badBody && call.body !== undefined) return call.body;
  throw unreadableBody(
    'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
  );
}

/** By id or the well-known name `contacts`. */
export function requireFolder(mailbox: Mailbox, key: string): Folder {
  if (key.toLowerCase() === 'contacts') return mailbox.defaultFolder;
  const folder = mailbox.folders.get(key);
  if (folder !== undefined) return folder;
  throw isOwnId(mailbox.ids, key) ? itemNotFound() : malformedId();
}

/** By default or immutable id; in `folder`, or anywhere in the mailbox. */
export function requireContact(mailbox: Mailbox, id: string, folder: Folder | undefined): StoredContact {
  const contact = mailbox.contacts.get(id);
  if (contact !== undefined && (folder === undefined || contact.folder === folder)) return contact;
  throw isOwnId(mailbox.ids, id) ? itemNotFound() : malformedId();
}

/** Named fault `transient-412`: refused with or without If-Match, though the change key may be current. */
export function checkCurrent({ world, call }: MailboxCall, item: { readonly changeKey: string }): void {
  if (world.faults.takeNamed('transient-412', toFaultPath(call.url)) !== undefined) throw changeKeyConflict();
  const expected = call.headers.get('if-match');
  if (expected === null || expected.trim() === '*') return;
  if (/^(W\/)?"(.*)"$/.exec(expected.trim())?.[2] !== item.changeKey) throw changeKeyConflict();
}

/** The service touches a share of what applications create once more, a little later. */
export function scheduleTouch(
  { world, mailbox }: MailboxCall,
  at: number,
  touch: (at: number) => void,
): void {
  const { share, minMs, maxMs } = world.settings.churn;
  if (share <= 0 || world.random.next() >= share) return;
  mailbox.touches.push({ due: at + minMs + world.random.int(Math.max(1, maxMs - minMs + 1)), touch });
}
