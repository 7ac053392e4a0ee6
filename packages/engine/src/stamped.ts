import type { HistoryRow, Intent, Link, Side, Suspect } from '@tidelock/core';
import { commit, type Draft, emptyDraft } from './adoption-draft.ts';
import { attemptOf } from './attempts.ts';
import { linksNow } from './conclude.ts';
import { confirmedLink, NO_ANSWER, reborn, withPartner } from './confirm.ts';
import { type Core, now, state } from './effect.ts';
import { notLeftOut, stillApart, wasLeftOut } from './freeze.ts';
import { historyRow, type Pass } from './lane.ts';
import { isParted, otherSide, SIDES } from './link-plan.ts';
import { movedTo } from './moved.ts';
import { answeredParked } from './parked.ts';
import { idOf } from './stamp.ts';
import type { Unknown } from './unknown.ts';
import { rowsOfWrite } from './write-history.ts';

const CHUNK = 500;

/** A record that carries the stamp of a link whose side is another, living record: a copy that we made (5.7). */
export interface Twin {
  readonly suspect: Suspect;
  readonly link: Link;
  /** What was sent with the stamp, by whichever pair: one that was revived or followed a move goes on in a link of its own. */
  readonly creates: readonly Intent[];
  /** One of them has made a record that a link names, or named. */
  readonly placed: boolean;
  /** Native id of the record that the link names. */
  readonly kept: string;
}

type Place =
  /** A write of unknown outcome is about this link: recovery comes first. */
  | { readonly kind: 'wait' }
  /** No link of ours made it: somebody copied the record with its stamp. */
  | { readonly kind: 'copy' }
  | { readonly kind: 'adopt' | 'moved' | 'revive'; readonly link: Link }
  | { readonly kind: 'twin'; readonly link: Link; readonly kept: string };

/** Ways in which a record gets its place. */
type Taking = Exclude<Place, { kind: 'wait' | 'copy' | 'twin' }>;

const isGone = (link: Link, side: Side): boolean => (side === 'a' ? link.goneA : link.goneB);

const isLiving = (link: Link): boolean => link.status !== 'tomb';

/** The links that a stamp belongs to: those that name a record with it, else those whose create has sent it. */
function ownersOf({ side, stamp }: Suspect, links: readonly Link[]): readonly Link[] {
  const named = links.filter((link) => link[side]?.stamp === stamp);
  const living = named.find(isLiving) ?? links.find(isLiving);
  if (living !== undefined) return [living];
  return named.length > 0 ? named : links;
}

/**
 * The pair in which one of these tombstones goes on: whoever follows a merge or a move leaves one behind, which names a partner
 * that is no more.
 */
function* heirOf(pass: Pass, side: Side, tombs: readonly Link[]): Core<Link | undefined> {
  const ids = [...new Set(tombs.flatMap((tomb) => tomb[side]?.id ?? []))];
  const found = (yield* linksNow(pass, { by: 'native', side, ids })).filter(isLiving);
  return ids.flatMap((id) => found.find((link) => link[side]?.id === id) ?? [])[0];
}

function placeLiving(suspect: Suspect, link: Link, creates: readonly Intent[]): Place {
  const { side, id, stamp } = suspect;
  const ref = link[side];
  if (ref === null) return { kind: 'adopt', link };
  if (ref.id === id) return { kind: 'copy' };
  // A parted link does not follow what becomes of its records: the healer reads the one that it names.
  if (isParted(link) || !isGone(link, side)) return { kind: 'twin', link, kept: ref.id };
  if (ref.stamp === stamp) return { kind: 'moved', link };
  // Its partner was being created again; what an earlier incarnation made waits for what becomes of the pair.
  return creates.some(({ incarnation }) => incarnation > ref.inc)
    ? { kind: 'adopt', link }
    : { kind: 'wait' };
}

/**
 * The record that the tombstone names goes on under another id, for the one create of its pair had its place: it is no late one.
 */
const isMoved = (tomb: Link, { side, stamp }: Suspect, creates: readonly Intent[]): boolean =>
  creates.length < 2 && tomb[side]?.stamp === stamp;

/**
 * We took a moved record for a deleted one, as its feed told of the two ids one after the other, and deleted its partner: it is back
 * (7.1), and gets another partner.
 */
const isBack = (tomb: Link, suspect: Suspect, { creates, deletes }: Sender): boolean =>
  isMoved(tomb, suspect, creates) &&
  deletes.some(({ linkId, side }) => linkId === tomb.id && side === otherSide(suspect.side));

/** The order of 5.3: open intent, living link, tombstone, nobody. */
function* placeOf(pass: Pass, suspect: Suspect, of: Sender & { open: readonly Intent[] }): Core<Place> {
  const { side, id, stamp } = suspect;
  const busy = (link: Link): boolean => of.open.some((intent) => intent.linkId === link.id);
  if (of.open.some((intent) => intent.stamp === stamp)) return { kind: 'wait' };
  const owners = ownersOf(suspect, of.links);
  const [owner] = owners;
  if (owner === undefined) return { kind: 'copy' };
  if (busy(owner)) return { kind: 'wait' };
  if (isLiving(owner)) return placeLiving(suspect, owner, of.creates);
  const other = owner[otherSide(side)];
  // Somebody brought the very record back that the tombstone names: not late, and not ours to take away.
  if (other === null || owner[side]?.id === id) return { kind: 'copy' };
  const heir = yield* heirOf(pass, otherSide(side), owners);
  if (heir === undefined)
    return isBack(owner, suspect, of) ? { kind: 'copy' } : { kind: 'revive', link: owner };
  return busy(heir) ? { kind: 'wait' } : placeLiving(suspect, heir, of.creates);
}

export interface Placed {
  readonly link: Link;
  /** Rows for history: the create took effect after all. */
  readonly history: readonly HistoryRow[];
}

/** The link with this record, on what its create has sent; without such a row both sides meet for the first time. */
export function* withRecord(
  pass: Pass,
  suspect: Suspect,
  of: { link: Link; creates: readonly Intent[] },
): Core<Placed> {
  const { side, id, mono } = suspect;
  const create = yield* attemptOf(pass, of.creates, { side, id, mono });
  const stamp = suspect.stamp ?? null;
  const incarnation = create?.incarnation ?? of.link[side]?.inc ?? 0;
  const ref = { id, version: '', mono };
  const paired = stillApart(of.link, withPartner(of.link, { side, stamp, incarnation }, ref));
  if (create === undefined) return { link: { ...paired, shownA: null, shownB: null }, history: [] };
  const link = confirmedLink(pass.lane, { link: paired, intent: create, answer: NO_ANSWER });
  const written = { shown: null, conflicts: create.conflicts, at: yield* now(), recovered: true };
  return { link, history: rowsOfWrite(pass, create, written) };
}

/**
 * A late create of a pair that is gone on both sides comes back with the other side gone, so that it goes as well: in a
 * link of its own, for what was seen of the record that the tombstone names says nothing about this one. The other side of a pair
 * that a changed scope had frozen decides nothing (6.5): a record that was only moved is let be.
 */
function revived(
  link: Link,
  suspect: Suspect,
  of: { readonly tomb: Link; readonly creates: readonly Intent[] },
): Link {
  const { side, id } = suspect;
  const frozen = wasLeftOut(of.tomb, otherSide(side)) && isMoved(of.tomb, suspect, of.creates);
  const status = frozen ? 'out' : link.status;
  const next = { ...link, status, id: idOf('revived', link.laneId, link.id, id) };
  return side === 'a' ? { ...next, goneB: true, seenA: '' } : { ...next, goneA: true, seenB: '' };
}

function* settlePlace(
  pass: Pass,
  draft: Draft,
  at: { suspect: Suspect; place: Taking; creates: readonly Intent[] },
): Core<void> {
  const { suspect, place, creates } = at;
  const { side, id } = suspect;
  draft.settled.push(suspect);
  draft.keys.push({ side, id, keys: suspect.keys ?? [] });
  if (place.link.quarantine !== null)
    draft.reviews.push(...answeredParked({ pass, wall: yield* now() }, place.link, null));
  if (place.kind === 'moved') {
    draft.links.push(...(yield* movedTo(pass, suspect, { link: place.link, creates })));
    const row = { linkId: place.link.id, side, op: 'link', field: null, old: null, new: null } as const;
    draft.history.push(historyRow(pass, { ...row, rule: 'moved: same stamp', at: yield* now() }));
    return;
  }
  const { link, history } = yield* withRecord(pass, suspect, { link: place.link, creates });
  draft.history.push(...history);
  const again = place.kind === 'adopt' ? reborn(pass.lane, place.link, link) : null;
  const mark = notLeftOut(link, SIDES);
  if (again !== null) draft.links.push({ link: again.old }, { link: again.next, mark });
  else if (place.kind === 'revive')
    draft.links.push({ link: revived(link, suspect, { tomb: place.link, creates }), mark });
  else draft.links.push({ link, mark });
}

/** One record a pair: another one with the same stamp is its twin as soon as the first has its place. */
function* settleOnce(
  pass: Pass,
  { draft, taken }: { readonly draft: Draft; readonly taken: Set<string> },
  at: Parameters<typeof settlePlace>[2],
): Core<void> {
  const { link } = at.place;
  if (taken.has(link.id)) pass.more = true;
  else yield* settlePlace(pass, draft, at);
  taken.add(link.id);
}

/**
 * Unknown records that carry one of our stamps are no strangers (5.3): the partner that a link was waiting for, the
 * same record under another id, or a late create of a pair that has ended. Twins are handed back, to be healed. A
 * stamp of nobody here is a copy's, and says nothing.
 */
export function* adoptStamped(pass: Pass, unknown: Unknown): Core<Twin[]> {
  const stamped = [...unknown.a.values(), ...unknown.b.values()].filter(
    (suspect) => typeof suspect.stamp === 'string',
  );
  const twins: Twin[] = [];
  for (let start = 0; start < stamped.length; start += CHUNK) {
    const chunk = stamped.slice(start, start + CHUNK);
    const stamps = chunk.map((suspect) => suspect.stamp ?? '');
    const links = yield* linksNow(pass, { by: 'stamp', stamps });
    const open = yield* state('openIntentsOf', pass.lane.spec.id);
    const sent = yield* senders(pass, chunk, links);
    const draft = emptyDraft();
    const taken = new Set<string>();
    for (const suspect of chunk) {
      const sender = sent.get(suspect.stamp ?? '') ?? NOBODY;
      const { creates } = sender;
      const place = yield* placeOf(pass, suspect, { ...sender, open });
      if (place.kind === 'copy') continue;
      unknown[suspect.side].delete(suspect.id);
      if (place.kind === 'twin')
        twins.push({ ...place, suspect, creates, placed: isPlaced(suspect, sender) });
      else if (place.kind !== 'wait') yield* settleOnce(pass, { draft, taken }, { suspect, place, creates });
    }
    yield* commit(pass, draft);
  }
  return twins;
}

const isPlaced = ({ side, stamp }: Suspect, { links }: Sender): boolean =>
  links.some((link) => link[side]?.stamp === stamp);

interface Sender {
  readonly links: Link[];
  /** Creates with this stamp, in the journal of any of the links. */
  readonly creates: Intent[];
  /** Deletes that these links have sent, and that took effect. */
  readonly deletes: Intent[];
}

const NOBODY: Sender = { links: [], creates: [], deletes: [] };

/** Which links belong to which stamp: by the record they name, else by their journal. */
function* senders(
  pass: Pass,
  suspects: readonly Suspect[],
  links: readonly Link[],
): Core<Map<string, Sender>> {
  const found = new Map<string, Sender>(
    suspects.map((suspect) => [suspect.stamp ?? '', { links: [], creates: [], deletes: [] }]),
  );
  const note = (stamp: string | null | undefined, link: Link): Sender | undefined => {
    const sender = found.get(stamp ?? '');
    if (sender !== undefined && !sender.links.includes(link)) sender.links.push(link);
    return sender;
  };
  for (const link of links) {
    const named = SIDES.flatMap((side) => note(link[side]?.stamp, link) ?? []);
    for (const intent of yield* state('intentsOf', pass.lane.spec.id, link.id)) {
      const sender = intent.op === 'create' ? note(intent.stamp, link) : undefined;
      sender?.creates.push(intent);
      if (intent.op === 'delete' && intent.state === 'confirmed')
        for (const { deletes } of named) deletes.push(intent);
    }
  }
  return found;
}
