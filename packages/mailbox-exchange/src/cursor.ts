import { createHash } from 'node:crypto';
import { AdapterError } from '@tidelock/core';
import { z } from 'zod';
import { protocolError } from './errors.ts';
import { toAddress } from './paths.ts';

/** Pages of one round that are remembered. */
const REMEMBERED = 12;
/** The same entries so often within the remembered pages is a loop: a page repeated after a retry comes twice. */
const SAME = 3;
/** Pages without entries in a row. The service filters behind the scenes, so some are normal. */
const EMPTY = 200;

const CursorSchema = z.strictObject({
  v: z.literal(1),
  link: z.string().min(1),
  /** Digests of the last pages of this round; empty after its end. */
  seen: z.array(z.string()).max(REMEMBERED),
  empty: z.int().min(0),
});

/** Where a walk over pages is. It travels in the cursor, so a loop is found across calls and restarts. */
export type Walk = z.output<typeof CursorSchema>;

export const startWalk = (): Walk => ({ v: 1, link: '/', seen: [], empty: 0 });

export const encodeCursor = (walk: Walk): string => JSON.stringify(walk);

const dead = (operation: string): AdapterError =>
  new AdapterError('cursor_expired', `${operation}: this cursor is not one of this connection`, {
    operation,
    code: 'foreign-cursor',
  });

/** Throws `cursor_expired`, before anything is sent, for a cursor that does not lead to this connection's service. */
export function decodeCursor(text: string, given: { operation: string; origin: string }): Walk {
  const { operation, origin } = given;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw dead(operation);
  }
  const parsed = CursorSchema.safeParse(value);
  if (!parsed.success || parsed.data.link.startsWith('/')) throw dead(operation);
  try {
    toAddress({ operation, method: 'GET', url: parsed.data.link }, origin);
  } catch {
    throw dead(operation);
  }
  return parsed.data;
}

/** Throws `protocol` for a link of the service that leads elsewhere. */
export function requireOwn(link: string, given: { operation: string; origin: string }): void {
  try {
    toAddress({ operation: given.operation, method: 'GET', url: link }, given.origin);
  } catch {
    throw protocolError(given.operation, 'a page leads to another place', 'foreign-link');
  }
}

const textOf = (item: unknown): string => {
  const { id, '@odata.etag': etag, '@removed': removed } = (item ?? {}) as Record<string, unknown>;
  return `${String(id)} ${String(etag)} ${removed === undefined ? '' : 'removed'}`;
};

/** Digest of a page's entries in any order; empty for a page without entries. */
export function fingerprint(items: readonly unknown[]): string {
  if (items.length === 0) return '';
  return createHash('sha256').update(items.map(textOf).sort().join('\n')).digest('base64url').slice(0, 16);
}

/** The walk behind a page that goes on at `link`. Throws `protocol`, code `endless-pages`, where it leads nowhere. */
export function walkOn(
  walk: Walk,
  page: { link: string; items: readonly unknown[] },
  operation: string,
): Walk {
  const digest = fingerprint(page.items);
  const empty = digest === '' ? walk.empty + 1 : 0;
  const times = 1 + walk.seen.filter((seen) => seen === digest).length;
  if (page.link === walk.link || empty > EMPTY || (digest !== '' && times >= SAME)) {
    throw protocolError(operation, 'the pages go round in circles', 'endless-pages');
  }
  const seen = digest === '' ? walk.seen : [...walk.seen, digest].slice(-REMEMBERED);
  return { v: 1, link: page.link, seen, empty };
}
