import type { FieldValue, LaneRow, Link, Review, Side, Suspect, SyncState } from '@tidelock/core';
import { blockingKeys, type Canon, featuresOf } from '@tidelock/engine';

const PAGE = 500;
/** Records that one blocking key may name before it says nothing. */
const KEY_CAP = 50;
/** Shorter texts are no part of an id. */
const LEAST_ID = 6;

export interface Found {
  readonly lane: LaneRow;
  readonly links: readonly Link[];
  /** Records without a link. */
  readonly records: readonly Suspect[];
  /** What feeds said about records of these links. */
  readonly reported: readonly Suspect[];
  /** Open questions of this lane. */
  readonly reviews: readonly Review[];
  /** More links match than were asked for. */
  readonly more: boolean;
}

type Ids = Record<Side, Set<string>>;

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Addresses of those who take part in an event. */
const guestsIn = (value: FieldValue): readonly string[] =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'people'
    ? value.attendees.map(({ email }) => fold(email))
    : [];

/** Does what the pair last showed have this e-mail address, or this part of a name or a subject? */
function shows(link: Link, query: string): boolean {
  const wanted = fold(query);
  return [link.shownA, link.shownB].some((fields) => {
    const texts = Object.entries(fields ?? {}).flatMap(([name, value]) =>
      /name|company|mail|subject/i.test(name) && typeof value === 'string' ? [fold(value)] : guestsIn(value),
    );
    if (wanted.includes('@')) return texts.includes(wanted);
    return texts.some((text) => text.includes(wanted)) || texts.join(' ').includes(wanted);
  });
}

/** Keys under which records without shown content are known: an address, or a full name. */
function keysOf(query: string, canon: Canon): readonly string[] {
  const none = { fields: [] };
  const features = featuresOf(none, canon, {});
  if (query.includes('@')) return blockingKeys({ ...features, emails: [canon.key('email', query)] });
  const words = query.trim().split(/\s+/);
  if (words.length < 2) return [];
  const names = { firstName: words.slice(0, -1).join(' '), lastName: words.at(-1) ?? null };
  return blockingKeys(featuresOf(none, canon, names));
}

async function idsOf(
  state: SyncState,
  lane: LaneRow,
  of: { query: string; canon: Canon; reviews: readonly Review[] },
): Promise<{ native: Ids; links: Set<string> }> {
  const { query } = of;
  const native: Ids = { a: new Set([query]), b: new Set([query]) };
  const links = new Set([query]);
  const named = of.reviews.filter(({ id }) => query.length >= LEAST_ID && id.startsWith(query));
  for (const review of named) {
    for (const id of review.aIds) native.a.add(id);
    for (const id of review.bIds) native.b.add(id);
    if (review.linkId !== null) links.add(review.linkId);
  }
  const keys = keysOf(query, of.canon);
  for (const side of ['a', 'b'] as const) {
    if (keys.length === 0) break;
    const found = await state.candidates(lane.id, side, keys, KEY_CAP);
    for (const id of [...found.values()].flat()) native[side].add(id);
  }
  return { native, links };
}

async function linksOf(
  state: SyncState,
  lane: LaneRow,
  of: { query: string; native: Ids; links: ReadonlySet<string>; limit: number },
): Promise<Link[]> {
  const found = new Map<string, Link>();
  const add = (links: readonly Link[]): void => {
    for (const link of links) found.set(link.id, link);
  };
  add(await state.links(lane.id, { by: 'id', ids: [...of.links] }));
  for (const side of ['a', 'b'] as const) {
    add(await state.links(lane.id, { by: 'native', side, ids: [...of.native[side]] }));
  }
  for (let after = ''; found.size <= of.limit; ) {
    const page = await state.links(lane.id, { by: 'page', after, limit: PAGE });
    add(page.filter((link) => shows(link, of.query)));
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) break;
    after = last.id;
  }
  return [...found.values()];
}

async function suspectsOf(state: SyncState, lane: LaneRow, wanted: Ids): Promise<Suspect[]> {
  const found: Suspect[] = [];
  let after: { side: Side; id: string } | undefined;
  for (;;) {
    const at = after === undefined ? {} : { after };
    const page = await state.suspects(lane.id, { ...at, limit: PAGE });
    found.push(...page.filter(({ side, id }) => wanted[side].has(id)));
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return found;
    after = { side: last.side, id: last.id };
  }
}

/**
 * Pairs, and records without a pair, of one mailbox by e-mail address (of events: of anybody on them), part of a name or subject, id of the pair, id in either
 * store, or (the beginning of) the id of an open question. Reads page by page, so time grows with the mailbox and
 * memory does not. Records that were never compared are found by address and full name only: no content of them is kept.
 */
export async function findItems(
  state: SyncState,
  lane: LaneRow,
  of: { readonly query: string; readonly canon: Canon; readonly limit: number },
): Promise<Found> {
  const reviews = await state.reviews(lane.id, { open: true });
  const { native, links: linkIds } = await idsOf(state, lane, { ...of, reviews });
  const all = await linksOf(state, lane, { ...of, native, links: linkIds });
  const links = all.slice(0, of.limit);
  const linked: Ids = { a: new Set(), b: new Set() };
  for (const link of links) {
    if (link.a !== null) linked.a.add(link.a.id);
    if (link.b !== null) linked.b.add(link.b.id);
  }
  const wanted = { a: native.a.union(linked.a), b: native.b.union(linked.b) };
  const suspects = await suspectsOf(state, lane, wanted);
  const isLinked = ({ side, id }: Suspect): boolean => linked[side].has(id);
  return {
    lane,
    links,
    records: suspects.filter((one) => !isLinked(one)),
    reported: suspects.filter(isLinked),
    reviews,
    more: all.length > of.limit,
  };
}
