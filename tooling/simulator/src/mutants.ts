import type { FeedCommit, Guard, LaneCommit, Link, OpenIntents, Outcome, ReadResult } from '@tidelock/core';
import { OF_CALENDARS } from './calendar-mutants.ts';
import { is, type Mutant, onAnswer, onLinks, onRequest, type Touching, withFirst } from './mutant.ts';
import { OF_RULES } from './mutants-of-rules.ts';
import { OF_BREAKERS } from './rule-mutants.ts';
import type { Sim } from './sim.ts';

const reads = (change: (read: ReadResult) => ReadResult): NonNullable<Mutant['answer']> =>
  onAnswer(['read'], (found: readonly ReadResult[]) => found.map(change));

const outcomes = (change: (outcome: Outcome) => Outcome): NonNullable<Mutant['answer']> =>
  onAnswer(['write'], (given: readonly Outcome[]) => given.map(change));

/** The guard as it would be if fences were not compared. */
function unfenced(effect: Touching, sim: Sim): readonly unknown[] {
  return withFirst<{ guard: Guard }>(effect, (request) => {
    const row = sim.state.tables.lanes.get(request.guard.laneId)?.row;
    return { ...request, guard: { ...request.guard, fence: row?.fence ?? request.guard.fence } };
  });
}

const commit = (change: (commit: LaneCommit) => LaneCommit): NonNullable<Mutant['request']> =>
  onRequest(['commitLane'], (effect) => withFirst(effect, change));

const FENCED = ['commitLane', 'openIntents', 'releaseLane', 'renewLane'];

function stolen(effect: Touching, sim: Sim): readonly unknown[] {
  const [request] = effect.args as [{ laneId?: string; feed?: string }];
  const row =
    request.laneId === undefined
      ? sim.state.tables.feeds.get(request.feed ?? '')
      : sim.state.tables.lanes.get(request.laneId)?.row;
  return [{ ...request, owner: row?.leaseOwner ?? 'nobody' }];
}

const current = (sim: Sim, link: Link): Link | undefined =>
  sim.state.tables.lanes.get(link.laneId)?.links.get(link.id)?.link;

const AT_STATE: Readonly<Record<string, Mutant>> = {
  fence: { rule: '7.4 fencing tokens', request: onRequest(FENCED, unfenced) },
  'lane-lease': { rule: '7.4 one worker a lane', request: onRequest(['acquireLane'], stolen) },
  'feed-lease': { rule: '6.1 one reader a feed', lanes: 2, request: onRequest(['acquireFeed'], stolen) },
  'lease-check': {
    rule: '5.2 W2 lease before each send',
    answer: (effect, value) => (is(effect, 'renewLane') ? true : value),
  },
  journal: {
    rule: '5.2 W1 intents are durable',
    request: onRequest(['openIntents'], (effect) =>
      withFirst<OpenIntents>(effect, (request) => ({ ...request, intents: [] })),
    ),
    answer: (effect, value) =>
      is(effect, 'openIntents')
        ? { opened: (effect.args[0] as OpenIntents).intents.map((intent) => intent.id), refused: [] }
        : value,
  },
  claims: {
    rule: '5.9 (b) claims',
    lanes: 2,
    request: onRequest(['openIntents'], (effect) =>
      withFirst<OpenIntents>(effect, (request) => ({ ...request, claims: [] })),
    ),
  },
  'conflict-log': {
    rule: '4 losers are stored in the intent',
    request: (effect) => {
      if (is(effect, 'openIntents'))
        return withFirst<OpenIntents>(effect, (request) => ({
          ...request,
          intents: request.intents.map((intent) => ({ ...intent, conflicts: [] })),
        }));
      if (!is(effect, 'commitLane')) return effect.args;
      return withFirst<LaneCommit>(effect, (made) => ({
        ...made,
        history: (made.history ?? []).filter((row) => row.op !== 'conflict'),
        closed: (made.closed ?? []).map((item) => ({ ...item, conflicts: [] })),
      }));
    },
  },
  'recovery-log': {
    rule: '5.5 losers kept on void and recovery',
    request: commit((made) => ({
      ...made,
      closed: (made.closed ?? []).map((item) => ({ ...item, conflicts: [] })),
      history: (made.history ?? []).filter(
        (row) => row.op !== 'conflict' || !row.rule.startsWith('recovered'),
      ),
    })),
  },
  'put-marks': {
    rule: '5.2 W4 a void marks both sides dirty',
    request: commit((made) => ({ ...made, links: (made.links ?? []).map(({ link }) => ({ link })) })),
  },
  'clean-races': {
    rule: '3 a mark between read and put survives',
    request: onRequest(['commitLane'], (effect, sim) =>
      withFirst<LaneCommit>(effect, (made) => ({
        ...made,
        links: (made.links ?? []).map(({ link, ...put }) => {
          const now = current(sim, link);
          return { ...put, link: now ? { ...link, cleanA: now.dirtyA, cleanB: now.dirtyB } : link };
        }),
      })),
    ),
  },
  'settle-races': {
    rule: '6.3 a suspect reported again is not settled',
    lanes: 2,
    request: onRequest(['commitLane'], (effect, sim) =>
      withFirst<LaneCommit>(effect, (made) => ({
        ...made,
        settled: (made.settled ?? []).map((item) => {
          const row = sim.state.tables.lanes.get(made.guard.laneId)?.suspects;
          return { ...item, seq: row?.get(`${item.side}\u0000${item.id}`)?.seq ?? item.seq };
        }),
      })),
    ),
  },
  'stale-guard': {
    rule: '5.2 W0 reject reads older than seen',
    answer: onLinks((link) => ({ ...link, seenA: '', seenB: '' })),
    request: onRequest(['openIntents'], (effect) =>
      withFirst<OpenIntents>(effect, (request) => ({ ...request, reads: [] })),
    ),
  },
  sweep: {
    rule: '6.5 mark and sweep',
    answer: (effect, value) =>
      is(effect, 'links') && (effect.args[1] as { by: string }).by === 'unseen' ? [] : value,
  },
  'observations-after-cursor': {
    rule: '6.1 observations and cursor in one transaction',
    request: onRequest(['commitObservations'], (effect, sim) =>
      sim.tape.happens(300)
        ? withFirst<FeedCommit>(effect, (made) => ({
            ...made,
            lanes: made.lanes.map((lane) => ({ ...lane, marks: [], suspects: [] })),
          }))
        : effect.args,
    ),
  },
  recovery: {
    rule: '5.5 open intents are recovered',
    answer: (effect, value) => (is(effect, 'openIntentsOf') ? [] : value),
  },
  'base-at-confirm': {
    rule: '4 the base is what each side showed',
    request: commit((made) => ({
      ...made,
      links: (made.links ?? []).map((put) => ({ ...put, link: { ...put.link, shownB: put.link.shownA } })),
    })),
  },
};

const AT_STORE: Readonly<Record<string, Mutant>> = {
  upsert: { rule: '5.6 create-only instead of upsert' },
  stamp: { rule: '5.3 creates carry a stamp' },
  'unique-stamp': { rule: '5.3 a stamp is unique' },
  cas: { rule: '5.2 conditional update' },
  'cas-delete': { rule: '6.3 conditional delete' },
  'hold-off': { rule: '5.5 hold-off before recovery' },
  overlap: { rule: '6.1 polled feeds look back' },
  'cursor-now': { rule: '6.1 the cursor is the highest stamp seen, never now' },
  'head-after': { rule: '6.5 the cursor is older than the enumeration' },
  'stamp-lookup': {
    rule: '5.5 recovery looks the stamp up',
    answer: (effect, value) =>
      is(effect, 'find') && effect.args[0] === 'stamp'
        ? (effect.args[1] as readonly string[]).map(() => [])
        : value,
  },
  'email-lookup': {
    rule: '5.9 look up before creating in a shared store',
    lanes: 2,
    answer: (effect, value) =>
      is(effect, 'find') && effect.args[0] === 'email'
        ? (effect.args[1] as readonly string[]).map(() => [])
        : value,
  },
  'verify-removed': { rule: '6.3 a removal is proved by a GET' },
  'out-is-gone': {
    rule: '6.3 leaving the scope is no delete',
    answer: reads((read) => (read.state === 'out' ? { state: 'gone', id: read.id } : read)),
  },
  'failed-is-gone': {
    rule: '6.3 a failed read is no verdict',
    answer: reads((read) => (read.state === 'failed' ? { state: 'gone', id: read.id } : read)),
  },
  'merged-is-gone': {
    rule: '6.4 a merged record is followed',
    answer: reads((read) => (read.state === 'merged' ? { state: 'gone', id: read.id } : read)),
  },
  'unknown-is-ok': {
    rule: '5.2 W4 unknown leaves the intent open',
    answer: outcomes((outcome) => (outcome.status === 'unknown' ? { status: 'ok', id: 'lost' } : outcome)),
  },
  'unknown-is-refused': {
    rule: '5.2 W4 unknown is not "not sent"',
    answer: outcomes((outcome) =>
      outcome.status === 'unknown' ? { status: 'retry', kind: 'unavailable', afterMs: 0 } : outcome,
    ),
  },
  'conflict-is-ok': {
    rule: '5.2 W4 a refused precondition is planned again',
    answer: (effect, value) =>
      is(effect, 'write')
        ? (value as readonly Outcome[]).map((outcome, index) =>
            outcome.status === 'conflict'
              ? { status: 'ok', id: (effect.args[0] as readonly { id?: string }[])[index]?.id ?? '' }
              : outcome,
          )
        : value,
  },
  'gone-is-ok': {
    rule: '5.2 W4 404 makes a suspect',
    answer: (effect, value) =>
      is(effect, 'write')
        ? (value as readonly Outcome[]).map((outcome, index) => {
            const write = (effect.args[0] as readonly { op: string; id?: string }[])[index];
            return outcome.status === 'gone' && write?.op === 'update'
              ? { status: 'ok', id: write.id ?? '' }
              : outcome;
          })
        : value,
  },
  'expired-is-empty': { rule: '6.5 an expired cursor starts an enumeration' },
  'owner-shared': { rule: '7.4 a lease belongs to one process' },
  turns: { rule: '7.2 lanes take turns', lanes: 2 },
  'lane-identity': {
    rule: '3 a lane is one mailbox and one CRM',
    lanes: 2,
    lane: (lane) => ({ ...lane, spec: { ...lane.spec, id: 'lane-0' } }),
  },
  'mailbox-identity': {
    rule: '6.1 a mailbox has feeds of its own',
    lanes: 2,
    lane: (lane) => ({
      ...lane,
      spec: { ...lane.spec, storeA: 'A0' },
      feeds: { ...lane.feeds, a: ['A0/main'] },
    }),
  },
  'plan-exact': { rule: '10.1 a plan is carried out as it was approved, and nothing else' },
  'plan-drift': { rule: '10.1 a row is carried out on the versions that it was made on' },
  join: { rule: '5.2 a pass goes on when all chunks side by side have ended' },
};

/** By name. */
export const MUTANTS: Readonly<Record<string, Mutant>> = {
  ...AT_STATE,
  ...AT_STORE,
  ...OF_RULES,
  ...OF_BREAKERS,
  ...OF_CALENDARS,
};

export function mutated(sim: Sim, effect: Touching): Touching {
  if (sim.settings.mutant === undefined) return effect;
  const request = MUTANTS[sim.settings.mutant]?.request;
  return request === undefined ? effect : ({ ...effect, args: request(effect, sim) } as Touching);
}

export function answered(sim: Sim, effect: Touching, value: unknown): unknown {
  if (sim.settings.mutant === undefined) return value;
  const answer = MUTANTS[sim.settings.mutant]?.answer;
  return answer === undefined ? value : answer(effect, value, sim);
}
