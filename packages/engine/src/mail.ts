import type { HistoryRow, Link, Quarantine, Review, Side, Write } from '@tidelock/core';
import { type Core, now, state } from './effect.ts';
import { historyRow, type Lane, type Pass } from './lane.ts';
import { type LinkPlan, type PlannedWrite, refNow } from './link-plan.ts';
import { parkedReview } from './parked.ts';
import { roomsIn } from './rooms.ts';
import { SIDE_NAME } from './sentence.ts';
import { stillWork } from './unpark.ts';
import { FIRST_SYNC, inputHash, isWithheld, MAY_NOTIFY, OVER_BUDGET, WOULD_NOTIFY } from './withheld.ts';
import type { Work } from './work.ts';

/** A planned write as its store would be asked for it, without a stamp. */
export function asWrite({ op, patch, source, target }: PlannedWrite): Write | null {
  if (op === 'create') return { op, stamp: '', fields: patch, ...roomsIn(source) };
  if (target === null) return null;
  const { id, version } = target;
  return op === 'delete'
    ? { op, id, version, current: target }
    : { op, id, version, patch, current: target, ...roomsIn(source) };
}

/** Whom this write would reach, in the order in which the store names them; nobody where it sends no mail. */
export function audienceOf(lane: Lane, write: PlannedWrite): readonly string[] {
  const audience = lane.audience[write.side];
  const asked = audience === null ? null : asWrite(write);
  return audience === null || asked === null ? [] : audience(asked);
}

/** `would notify 3 people` */
export const sayAudience = (count: number): string =>
  `would notify ${count} ${count === 1 ? 'person' : 'people'}`;

function isLetGo({ quarantine }: LinkPlan['link'], write: PlannedWrite): boolean {
  return quarantine?.code === MAY_NOTIFY && quarantine.inputHash === inputHash(write);
}

/**
 * Why these people may not get mail now, in words; null = they may, as far as the budget of the run reaches. Pure: the
 * same in a plan and in a pass.
 */
export function refusesMail(
  pass: Pick<Pass, 'firstSync'> & { readonly lane: Pick<Lane, 'policy'> },
  link: LinkPlan['link'],
  of: { readonly write: PlannedWrite; readonly audience: readonly string[] },
): string | null {
  const { mail } = pass.lane.policy.events;
  if (of.audience.length === 0) return null;
  if (pass.firstSync) return FIRST_SYNC;
  // Else the next run of the same command would send what a first sync, or the budget of a run, has just withheld.
  if (mail === 'send')
    return isWithheld(link, of.write) ? 'it waits for a person since a run withheld it' : null;
  if (mail === 'ask' && isLetGo(link, of.write)) return null;
  if (mail === 'ask') return 'each of these waits for a person';
  return mail === 'hold' ? 'the policy is to hold these' : 'the policy is to make no such change there';
}

/** People who may still get mail because of the run that this pass is of. */
export function mailLeft({ lane, firstSync, mailSpent }: Pass): number {
  if (lane.notifies.length === 0 || firstSync) return 0;
  return (lane.policy.events.mailBudget ?? Number.POSITIVE_INFINITY) - mailSpent.people;
}

interface Withheld {
  readonly work: Work;
  readonly write: PlannedWrite;
  readonly quarantine: Quarantine;
}

function withheldNow(pass: Pass, work: Work, write: PlannedWrite): Withheld | null {
  const audience = audienceOf(pass.lane, write);
  const { link } = work.plan;
  const refused = refusesMail(pass, link, { write, audience });
  const left = mailLeft(pass);
  const over = refused === null && audience.length > left;
  if (refused === null && !over) {
    pass.mailSpent.people += audience.length;
    pass.counts.notified += audience.length;
    return null;
  }
  const why = refused ?? `more than the ${left} ${OVER_BUDGET}`;
  const stays =
    pass.firstSync || pass.lane.policy.events.mail !== 'send' || link.quarantine === null
      ? null
      : // It was looked at again for a reason of its own, which is answered with this look.
        { ...link.quarantine, nextAt: null };
  return {
    work,
    write,
    quarantine: (isWithheld(link, write) ? stays : null) ?? {
      class: 'item',
      code: WOULD_NOTIFY,
      message: `${write.op === 'delete' ? 'Deleting it' : 'The change'} in the ${SIDE_NAME[write.side]} ${sayAudience(audience.length)}: ${why}.`,
      inputHash: inputHash(write),
      attempts: 1,
      nextAt: null,
    },
  };
}

const isKnown = ({ work, quarantine }: Withheld): boolean => {
  const { quarantine: before } = work.plan.link;
  return (
    before?.code === WOULD_NOTIFY &&
    before.inputHash === quarantine.inputHash &&
    before.message === quarantine.message
  );
};

function rowsOf(
  pass: Pass,
  found: readonly Withheld[],
  wall: number,
): { reviews: Review[]; history: HistoryRow[] } {
  const news = found.filter((one) => !isKnown(one));
  const asks = pass.lane.policy.events.mail !== 'crm-only';
  return {
    reviews: asks
      ? news.map(({ work, quarantine }) => parkedReview({ pass, wall }, work.plan.link, quarantine))
      : [],
    history: news.map(({ work, write, quarantine }) =>
      historyRow(pass, {
        linkId: work.plan.link.id,
        side: write.side,
        op: 'hold',
        field: null,
        old: null,
        new: null,
        rule: quarantine.message,
        at: wall,
      }),
    ),
  };
}

/** Takes the write out of its plan; what else there is to write for the pair is written all the same. */
function takeOut({ work, write, quarantine }: Withheld): void {
  const writes = work.plan.writes.filter((each) => each !== write);
  work.plan = { ...work.plan, writes, withheld: quarantine };
}

/** What was read is known from here on: a feed that overlaps says nothing new by repeating it. */
function waiting({ plan, seen }: Work): Link {
  const { next, withheld = null } = plan;
  return { ...next, a: refNow(next.a, seen.a), b: refNow(next.b, seen.b), quarantine: withheld };
}

/**
 * Before anything is sent: counts whom each write would reach, and takes out what policy and budget do not allow. What is
 * left over waits, is listed with the number of people, and keeps its pair from nothing else.
 */
export function* withholdMail(pass: Pass, items: readonly Work[]): Core<readonly Work[]> {
  if (pass.lane.notifies.length === 0) return items;
  const wall = yield* now();
  const found = items.flatMap((work) =>
    work.plan.writes.flatMap((write) => withheldNow(pass, work, write) ?? []),
  );
  if (found.length === 0) return items;
  for (const one of found) takeOut(one);
  pass.counts.withheld += found.length;
  const stays = new Set(found.map(({ work }) => work).filter((work) => work.plan.writes.length === 0));
  yield* state('commitLane', {
    guard: pass.guard,
    now: wall,
    links: [...stays].map((work) => stillWork(waiting(work))),
    ...rowsOf(pass, found, wall),
  });
  return items.filter((work) => !stays.has(work));
}

/** Runs that are looked at to see whether a first sync ever came to its end. */
const RUNS_LOOKED_AT = 50;
/** Count under which a run keeps that it left work behind. */
const LEFT_OVER = 'leftOver';

/**
 * Has none of the lane's runs done all there was to do? Runs are forgotten after a while; a lane that has not come to an end
 * for so long counts as new, which sends nothing.
 */
export function* isFirstSync(lane: Lane): Core<boolean> {
  if (lane.notifies.length === 0) return false;
  const runs = yield* state('runs', lane.spec.id, RUNS_LOOKED_AT);
  return !runs.some(
    ({ kind, endedAt, stopReason, counts }) =>
      kind === 'sync' && endedAt !== null && stopReason === null && (counts[LEFT_OVER] ?? 1) === 0,
  );
}

/** Which sides' writes of a plan reach somebody, for the rows of a plan. */
export function mailOf(
  pass: Pass,
  work: Work,
  write: PlannedWrite,
): { readonly emails: number; readonly withheld: number; readonly side: Side } {
  const audience = audienceOf(pass.lane, write);
  const { side } = write;
  const refused = refusesMail(pass, work.plan.link, { write, audience }) !== null;
  return refused
    ? { emails: 0, withheld: audience.length, side }
    : { emails: audience.length, withheld: 0, side };
}

/** What a run keeps; of a lane that notifies also whether it left work behind: pairs that it linked are compared by the next. */
export const countsOf = (pass: Pass): Record<string, number> =>
  pass.lane.notifies.length === 0
    ? { ...pass.counts }
    : {
        ...pass.counts,
        [LEFT_OVER]: Number(pass.more || pass.waiting.size > 0 || pass.counts.linked > 0),
      };
