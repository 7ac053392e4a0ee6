import { createRandom } from '../kit/random.ts';
import type { Change, ChangeLog } from './change-log.ts';
import { changePage, visibleEnd } from './change-log.ts';
import { idOf } from './contact-view.ts';
import type { DeltaState } from './delta-token.ts';
import { packToken, syncStateNotFound, unpackToken } from './delta-token.ts';
import type { GraphAnswer, GraphCall } from './graph-call.ts';
import { jsonAnswer, toFaultPath } from './graph-call.ts';
import { invalidQuery } from './graph-error.ts';
import type { Mailbox } from './mailbox.ts';
import type { QueryOptions } from './query-options.ts';
import { readQueryOptions } from './query-options.ts';
import { shuffle } from './shuffle.ts';
import type { World } from './world.ts';

/** A collection that delta runs over. */
export interface DeltaSource<T> {
  mailbox: Mailbox;
  /** Names the collection inside tokens. */
  collection: string;
  odataType: string;
  context: string;
  log: ChangeLog<T>;
  /** Still there to be shown. */
  isLive(subject: T): boolean;
  /** Checks `$select` and gives the renderer for it. */
  viewOf(select: string | undefined): (subject: T) => Record<string, unknown>;
}

type Round = DeltaState & { end: number };

const defaultPageSize = 10;
const maxPageSize = 1000;

const readStart = (call: GraphCall): { token: string | undefined; select: string | undefined } => {
  const names = [...call.url.searchParams.keys()].map((name) => name.toLowerCase());
  const hasToken = names.includes('$skiptoken') || names.includes('$deltatoken');
  const options: QueryOptions = readQueryOptions(
    call.url,
    hasToken ? ['skiptoken', 'deltatoken'] : ['select'],
  );
  const token = options.get('skiptoken') ?? options.get('deltatoken');
  if (options.size > 1) throw invalidQuery('A delta request carries either $skiptoken or $deltatoken.');
  return { token, select: options.get('select') };
};

const requireAlive = (world: World, call: GraphCall, held: { mailbox: Mailbox; state: DeltaState }): void => {
  const { mailbox, state } = held;
  const fault = world.faults.takeNamed('expired-delta-token', toFaultPath(call.url));
  const age = world.clock.now() - state.issuedAt;
  if (
    fault === undefined &&
    state.generation >= mailbox.generation &&
    age <= world.settings.delta.tokenLifetimeMs
  ) {
    return;
  }
  const wantsLocation = typeof fault?.data === 'object' && fault.data !== null && 'location' in fault.data;
  const location = `${call.url.origin}${call.url.pathname}?$deltatoken=`;
  throw syncStateNotFound(state.generation - 35, mailbox, wantsLocation ? { Location: location } : {});
};

const startState = <T>(world: World, source: DeltaSource<T>, select: string | undefined): DeltaState => ({
  collection: source.collection,
  position: 0,
  end: undefined,
  initial: true,
  select,
  generation: source.mailbox.generation,
  issuedAt: world.clock.now(),
});

/** Fixes the end of a round that begins; a running one keeps its own. */
const enterRound = <T>(world: World, source: DeltaSource<T>, state: DeltaState): Round => {
  if (state.end !== undefined) return { ...state, end: state.end };
  const { replay, visibilityDelayMs } = world.settings.delta;
  const end = visibleEnd(source.log, world.clock.now() - visibilityDelayMs);
  return { ...state, position: Math.max(0, state.position - (state.initial ? 0 : replay)), end };
};

/** The same page comes in the same order each time it is asked for. */
const ordered = <T>(world: World, round: Round, items: readonly T[]): readonly T[] =>
  world.settings.delta.shuffle ? shuffle(createRandom(round.position * 31 + round.end), items) : items;

const renderPage = <T>(
  world: World,
  call: GraphCall,
  page: { source: DeltaSource<T>; changes: Change<T>[]; round: Round },
): Record<string, unknown>[] => {
  const { source, changes, round } = page;
  const render = source.viewOf(round.select);
  const items = ordered(world, round, changes).map((change) => {
    const type = { '@odata.type': source.odataType };
    if (!change.removed) return { ...type, ...render(change.subject) };
    return { ...type, id: idOf(change, call.preferences.immutableIds), '@removed': { reason: 'deleted' } };
  });
  const [first] = items;
  if (
    first !== undefined &&
    world.faults.takeNamed('duplicate-entries', toFaultPath(call.url)) !== undefined
  ) {
    items.push({ ...first });
  }
  return items;
};

const linkFor = (world: World, call: GraphCall, state: DeltaState): Record<string, string> => {
  const base = `${call.url.origin}${call.url.pathname}`;
  const token = packToken(world, { ...state, issuedAt: world.clock.now() });
  return state.end === undefined
    ? { '@odata.deltaLink': `${base}?$deltatoken=${token}` }
    : { '@odata.nextLink': `${base}?$skiptoken=${token}` };
};

/**
 * One page of a delta round. Named faults: `expired-delta-token` (410 on a request with a token; data {location}
 * adds the Location header), `endless-pages` (this page again, under a new nextLink), `duplicate-entries`.
 */
export function answerDelta<T>(world: World, call: GraphCall, source: DeltaSource<T>): GraphAnswer {
  const start = readStart(call);
  const known = start.token === undefined || start.token === '' ? undefined : start.token;
  const state =
    known === undefined
      ? startState(world, source, start.select)
      : unpackToken(world, known, source.collection);
  if (known !== undefined) requireAlive(world, call, { mailbox: source.mailbox, state });
  const round = enterRound(world, source, state);
  const size = Math.min(maxPageSize, call.preferences.maxPageSize ?? defaultPageSize);
  const page = changePage(source.log, {
    position: round.position,
    end: round.end,
    size,
    accept: (change) => (change.removed ? !round.initial : source.isLive(change.subject)),
  });
  const value = renderPage(world, call, { source, changes: page.changes, round });
  const endless = world.faults.takeNamed('endless-pages', toFaultPath(call.url)) !== undefined;
  const over = page.position >= round.end;
  const next: DeltaState = endless
    ? round
    : {
        ...round,
        position: page.position,
        end: over ? undefined : round.end,
        initial: over ? false : round.initial,
      };
  const applied: Record<string, string> =
    call.preferences.maxPageSize === undefined ? {} : { 'Preference-Applied': `odata.maxpagesize=${size}` };
  return jsonAnswer(200, { '@odata.context': source.context, ...linkFor(world, call, next), value }, applied);
}
