import {
  isAdapterError,
  type MailboxPush,
  type PushedItem,
  type PushRequest,
  type SubscriptionRow,
} from '@tidelock/core';
import type { Book } from './book.ts';
import type { Hints } from './hints.ts';
import {
  accepted,
  busy,
  echo,
  type HookAnswer,
  MAX_BODY,
  notHere,
  notUnderstood,
  tooLarge,
} from './hook-answer.ts';
import { isSamePath } from './hook-paths.ts';
import type { Refusals } from './refusals.ts';

/** Characters of a handshake that are repeated. */
const LONGEST_ECHO = 2_048;
/** A subscription that another process made is looked for at most so often. */
const LOOK_MS = 1_000;
const SUBJECT = 'mailbox';

export interface MailboxHookParts {
  readonly path: string;
  readonly book: Book;
  readonly hints: Hints;
  readonly refusals: Refusals;
  /** null: there is no platform at present, or its mailboxes push nothing. */
  push(): MailboxPush | null;
  /** Whether a creation is under way at this address, in any process. */
  isCreating(): Promise<boolean>;
  /** A subscription that has to be looked at now: it is gone, or wants to be renewed. */
  look(row: SubscriptionRow, event: 'removed' | 'expiring'): void;
  /** One notification was believed. */
  taken(event: Extract<PushedItem, { accepted: true }>['event']): void;
}

/** null: the state could not say. */
const orNull = <T>(asked: Promise<T>): Promise<T | null> =>
  asked.catch((error: unknown) => {
    if (isAdapterError(error)) return null;
    throw error;
  });

async function answerHandshake(
  { isCreating, refusals }: MailboxHookParts,
  text: string,
): Promise<HookAnswer> {
  if (text.length > LONGEST_ECHO) return notUnderstood;
  const creating = await orNull(isCreating());
  if (creating === null) return busy;
  if (creating) return echo(text);
  refusals.note({ subject: SUBJECT, reason: 'handshake' });
  return notHere;
}

const hasUnknown = (items: readonly PushedItem[]): boolean =>
  items.some((item) => !item.accepted && item.reason === 'unknown');

function takeItem({ book, hints, refusals, look, taken }: MailboxHookParts, item: PushedItem): void {
  if (!item.accepted) {
    refusals.note({ subject: SUBJECT, reason: item.reason });
    return;
  }
  const row = book.rowOf(item.subscription);
  if (row === null) return;
  taken(item.event);
  hints.add({ lanes: book.lanesOf(row) });
  if (item.event === 'removed' || item.event === 'expiring') look(row, item.event);
}

/** Answers what was sent to the address of subscriptions. Writes nothing and asks nobody before it answers. */
export async function receiveMailbox(
  parts: MailboxHookParts,
  of: { readonly path: string; readonly request: PushRequest },
): Promise<HookAnswer> {
  const { book, hints } = parts;
  if (!isSamePath(of.path, parts.path)) return notHere;
  if (of.request.body.byteLength > MAX_BODY) return tooLarge;
  const push = parts.push();
  if (push === null) return notHere;
  if (hints.isFull()) return busy;
  const judge = () => push.judge(of.request, book.known);
  let judged = judge();
  if (judged.kind === 'handshake') return answerHandshake(parts, judged.answer);
  if (judged.kind === 'items' && hasUnknown(judged.items)) {
    if ((await orNull(book.refreshAfter(LOOK_MS).then(() => true))) === null) return busy;
    judged = judge();
  }
  if (judged.kind !== 'items') {
    parts.refusals.note({ subject: SUBJECT, reason: 'malformed' });
    return notUnderstood;
  }
  for (const item of judged.items) takeItem(parts, item);
  return accepted;
}
