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
  /** What the first request says, for the tokens; it may carry an empty token. Throws 400 for what delta does not take. */
  readOptions(): string | undefined;
  /** The query that begins again with the options of a dead token, up to where its empty token follows. */
  restartQuery?(options: string | undefined): string;
  /** Checks the options and gives the renderer for them: what a change is told with, nothing where it is not told. */
  viewOf(
    options: string | undefined,
  ): (change: Change<T>, round: { readonly initial: boolean }) => readonly Item[];
  /** Headers that name the preferences which were followed. */
  appliedHeaders?(pageSize: number): Record<string, string>;
}

export type Item = Readonly<Record<string, unknown>>;

/** What a removal looks like, whatever was removed. */
export const removedItem = (id: string): Item => ({ id, '@removed': { reason: 'deleted' } });

/** Items of changes to things that are shown one by one. */
export const itemsOf =
  <T>(of: {
    readonly isLive: (subject: T) => boolean;
    readonly render: (subject: T) => Item;
    readonly immutableIds: boolean;
  }) =>
  (change: Change<T>, { initial }: { readonly initial: boolean }): readonly Item[] => {
    if (change.removed) return initial ? [] : [removedItem(idOf(change, of.immutableIds))];
    return of.isLive(change.subject) ? [of.render(change.subject)] : [];
  };

/** A first request may carry a token without anything in it. */
export const EMPTY_TOKENS = ['skiptoken', 'deltatoken'] as const;

type Round = DeltaState & { end: number };

const defaultPageSize = 10;
const maxPageSize = 1000;

const readToken = (call: GraphCall): string | undefined => {
  const names = [...call.url.searchParams.keys()].map((name) => name.toLowerCase());
  if (!names.includes('$skiptoken') && !names.includes('$deltatoken')) return undefined;
  const options = readQueryOptions(call.url, ['skiptoken', 'deltatoken']);
  if (options.size > 1) throw invalidQuery('A delta request carries either $skiptoken or $deltatoken.');
  return (options.get('skiptoken') ?? options.get('deltatoken')) || undefined;
};

const requireAlive = <T>(
  world: World,
  call: GraphCall,
  held: { source: DeltaSource<T>; state: DeltaState },
): void => {
  const { source, state } = held;
  const { mailbox } = source;
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
  const query = source.restartQuery?.(state.options) ?? '';
  const location = `${call.url.origin}${call.url.pathname}?${query}$deltatoken=`;
  throw syncStateNotFound(state.generation - 35, mailbox, wantsLocation ? { Location: location } : {});
};

const startState = <T>(world: World, source: DeltaSource<T>): DeltaState => ({
  collection: source.collection,
  position: 0,
  end: undefined,
  initial: true,
  options: source.readOptions(),
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

const dressPage = (
  world: World,
  call: GraphCall,
  page: { odataType: string; items: readonly Item[]; round: Round },
): Item[] => {
  const type = { '@odata.type': page.odataType };
  const items = ordered(world, page.round, page.items).map((item) => ({ ...type, ...item }));
  const [first] = items;
  const repeats =
    first !== undefined && world.faults.takeNamed('duplicate-entries', toFaultPath(call.url)) !== undefined;
  return repeats ? [...items, { ...first }] : items;
};

const linkFor = (world: World, call: GraphCall, state: DeltaState): Record<string, string> => {
  const base = `${call.url.origin}${call.url.pathname}`;
  const token = packToken(world, { ...state, issuedAt: world.clock.now() });
  return state.end === undefined
    ? { '@odata.deltaLink': `${base}?$deltatoken=${token}` }
    : { '@odata.nextLink': `${base}?$skiptoken=${token}` };
};

const enterState = <T>(world: World, call: GraphCall, source: DeltaSource<T>): DeltaState => {
  const token = readToken(call);
  if (token === undefined) return startState(world, source);
  const state = unpackToken(world, token, source.collection);
  requireAlive(world, call, { source, state });
  return state;
};

const appliedSize = (call: GraphCall, size: number): Record<string, string> =>
  call.preferences.maxPageSize === undefined ? {} : { 'Preference-Applied': `odata.maxpagesize=${size}` };

/**
 * One page of a delta round; what belongs to one subject is never split over pages. Named faults: `expired-delta-token` (410
 * on a request with a token; data {location} adds the Location header), `endless-pages` (this page again, under a new
 * nextLink), `empty-page` (nothing yet, and a nextLink), `duplicate-entries`, `nothing-changed` (goes on as always and leaves out every
 * item, so nothing ever tells of them again).
 */
export function answerDelta<T>(world: World, call: GraphCall, source: DeltaSource<T>): GraphAnswer {
  const round = enterRound(world, source, enterState(world, call, source));
  const size = Math.min(maxPageSize, call.preferences.maxPageSize ?? defaultPageSize);
  const render = source.viewOf(round.options);
  const path = toFaultPath(call.url);
  const isEmpty = world.faults.takeNamed('empty-page', path) !== undefined;
  const isSilent = world.faults.takeNamed('nothing-changed', path) !== undefined;
  const page = isEmpty
    ? { items: [], position: round.position }
    : changePage(source.log, {
        ...{ ...round, size },
        render: (change) => (isSilent ? [] : render(change, round)),
      });
  const value = dressPage(world, call, { odataType: source.odataType, items: page.items, round });
  const stays = isEmpty || world.faults.takeNamed('endless-pages', path) !== undefined;
  const over = page.position >= round.end;
  const next: DeltaState = stays
    ? round
    : {
        ...round,
        position: page.position,
        end: over ? undefined : round.end,
        initial: over ? false : round.initial,
      };
  const applied = source.appliedHeaders?.(size) ?? appliedSize(call, size);
  return jsonAnswer(200, { '@odata.context': source.context, ...linkFor(world, call, next), value }, applied);
}
