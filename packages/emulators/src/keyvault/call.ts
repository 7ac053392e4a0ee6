import { badParameter } from './refusal.ts';
import type { Attributes, Entry, Version } from './shelf.ts';

export type Json = Record<string, unknown>;

/** One request that was let in. */
export interface Call {
  readonly method: string;
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Json;
  /** `https://example-vault.vault.azure.net` */
  readonly vaultUrl: string;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

export const ok = (body: unknown): Reply => ({ status: 200, body });
export const NO_CONTENT: Reply = { status: 204, body: null };

const RECOVERABLE = { recoveryLevel: 'Recoverable+Purgeable', recoverableDays: 90 };
export const RECOVERABLE_SECONDS = 90 * 86_400;

export const toAttributes = (attributes: Attributes): Json => ({ ...attributes, ...RECOVERABLE });

/** What every answer about a deleted object has. */
export const toDeleted = (kind: 'secrets' | 'keys', entry: Entry<unknown>, vaultUrl: string): Json => ({
  recoveryId: `${vaultUrl}/deleted${kind}/${entry.name}`,
  deletedDate: entry.deletedAt,
  scheduledPurgeDate: entry.deletedAt + RECOVERABLE_SECONDS,
});

/** Page of a list: at most 25, with a link that carries on. */
export function toPage<T>(items: readonly T[], call: Call, toItem: (item: T) => Json): Reply {
  const size = Math.min(25, Number(call.query.get('maxresults') ?? 25));
  const from = Number(call.query.get('$skiptoken') ?? 0);
  if (!(size >= 1) || !(from >= 0)) throw badParameter('maxresults is out of range');
  const rest = from + size < items.length;
  const query = new URLSearchParams(call.query);
  query.set('$skiptoken', String(from + size));
  const nextLink = rest ? `${call.vaultUrl}/${call.segments.join('/')}?${query}` : null;
  return ok({ value: items.slice(from, from + size).map(toItem), nextLink });
}

export function tagsOf(body: Json): Record<string, string> | undefined {
  if (body.tags === undefined || body.tags === null) return undefined;
  const tags = Object.entries(body.tags as Json);
  const fits = tags.every(([name, value]) => name.length <= 256 && String(value).length <= 256);
  if (tags.length > 15 || !fits) throw badParameter('Tags: at most 15, of at most 256 characters each');
  return Object.fromEntries(tags.map(([name, value]) => [name, String(value)]));
}

/** Changes what a version may change. */
export function patch<T>(version: Version<T>, body: Json, now: number): void {
  version.tags = tagsOf(body) ?? version.tags;
  const { enabled, exp, nbf } = (body.attributes ?? {}) as Partial<Attributes>;
  if (enabled !== undefined) version.attributes.enabled = enabled;
  if (exp !== undefined) version.attributes.exp = exp;
  if (nbf !== undefined) version.attributes.nbf = nbf;
  version.attributes.updated = Math.floor(now / 1000);
}
