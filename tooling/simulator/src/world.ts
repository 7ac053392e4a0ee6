import { type EventWindow, type LaneSpec, MappingSchema } from '@tidelock/core';
import {
  type CompiledMapping,
  compileMapping,
  createCanon,
  DEFAULT_POLICY,
  type Lane,
} from '@tidelock/engine';
import { ask, type Scheduled } from './ask.ts';
import { audienceOf, EVENT_CATALOGUE, EVENT_FIELDS } from './calendar.ts';
import { createVirtualClock, START } from './clock.ts';
import { fatesOf } from './fate.ts';
import { createLedger } from './ledger.ts';
import { followMeeting } from './meetings.ts';
import { createMemoryState } from './memory-state.ts';
import { catalogueOf, createModelStore, MAPPED } from './model-store.ts';
import { MUTANTS } from './mutants.ts';
import { brakeOf, drawOptions, type Settings, type WorldOptions } from './options.ts';
import { createPlainCache } from './plain-cache.ts';
import { mailName } from './post.ts';
import { emptyPost } from './post-book.ts';
import type { Sim } from './sim.ts';
import type { Tape } from './tape.ts';
import { ALL_DATES, type View } from './view.ts';
import { WORKLOADS } from './workloads.ts';

const canon = createCanon({ region: 'US' });
const OF_PEOPLE = { a: catalogueOf('a'), b: catalogueOf('b') };
const OF_EVENTS = { a: catalogueOf('a', EVENT_CATALOGUE), b: catalogueOf('b', EVENT_CATALOGUE) };

export const MAPPING = compileMapping(
  MappingSchema.parse({ version: 1, kind: 'contact', fields: MAPPED }),
  OF_PEOPLE,
  canon,
);

/** The same of a calendar. */
export const EVENT_MAPPING = compileMapping(
  MappingSchema.parse({ version: 1, kind: 'event', fields: [...MAPPED, ...EVENT_FIELDS] }),
  OF_EVENTS,
  canon,
);

const specOf = (index: number): LaneSpec => ({
  id: `lane-${index}`,
  tenantId: 'tenant',
  storeA: `A${index}`,
  storeB: 'B',
  label: `lane ${index}`,
});

/** The same rules in another order: to the engine another mapping, to everybody else no difference. */
const TURNED = compileMapping(
  MappingSchema.parse({ version: 1, kind: 'contact', fields: [...MAPPED].reverse() }),
  OF_PEOPLE,
  canon,
);

/** A calendar knows one mapping: what another one changes is told by lanes of people. */
function mappingOf(of: { readonly events: boolean; readonly mapped: number }): CompiledMapping {
  if (of.events) return EVENT_MAPPING;
  return of.mapped % 2 === 0 ? MAPPING : TURNED;
}

/** As a lane is told; all dates are no window. */
const datesOf = ({ index, from, to }: View): EventWindow | null =>
  index === 0 ? null : { from: dayOf(from), to: dayOf(to) };
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

function openLane(
  options: WorldOptions,
  index: number,
  of: { mutant: string; mapped: number; events: boolean; view: View },
): Lane {
  const { mutant, events } = of;
  const spec = specOf(index);
  const lane: Lane = {
    spec,
    mapping: mappingOf(of),
    canon,
    caps: { a: options.a.caps, b: options.b.caps },
    notifies: events ? ['a'] : [],
    audience: { a: events ? audienceOf : null, b: null },
    policy: {
      ...DEFAULT_POLICY,
      auditMs: null,
      breaker: { share: 0.2, most: 50, least: 2 },
      brake: brakeOf(options),
      events: {
        ...DEFAULT_POLICY.events,
        ...{ mail: options.mail, mailBudget: options.mailBudget, window: datesOf(of.view) },
      },
      ...(mutant === 'hold-off' ? { holdMs: 0 } : {}),
    },
    feeds: { a: [`${spec.storeA}/main`], b: ['B/main'] },
    shared: { a: false, b: options.lanes > 1 },
    cache: createPlainCache(),
    lookedUp: new Set(),
  };
  return MUTANTS[mutant]?.lane?.(lane) ?? lane;
}

function hashed(hash: number, text: string): number {
  let value = hash;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

export interface Recording {
  readonly coverage: Map<string, number>;
  readonly trace: string[];
  hash: number;
}

/** An empty world: its options come from the tape. `asks`: a repository answers for the state. */
export function createSim(
  tape: Tape,
  settings: Settings,
  on: { recording: Recording; trace: boolean | 'hash'; asks: boolean },
): Sim {
  const { recording, trace, asks } = on;
  const drawn = drawOptions(tape, settings);
  const options = WORKLOADS[settings.workload ?? '']?.(drawn) ?? drawn;
  const clock = createVirtualClock();
  const state = createMemoryState();
  const count = (cell: string): void =>
    void recording.coverage.set(cell, (recording.coverage.get(cell) ?? 0) + 1);
  const ledger = createLedger((risk) => count(`risk ${risk}`));
  const store = (name: string, side: 'a' | 'b') => {
    const { toAndFro } = options;
    const catalogue = (settings.events === true ? OF_EVENTS : OF_PEOPLE)[side];
    const made = createModelStore({ name, side, options: options[side], clock, toAndFro, catalogue });
    made.onShow = (row) => {
      ledger.shows(made, row);
      if (row.by === 'other') ledger.disturbed(row);
    };
    made.onChange = (row) => followMeeting(sim, row);
    return made;
  };
  const a = Array.from({ length: options.lanes }, (_, index) => store(`A${index}`, 'a'));
  const b = store('B', 'b');
  const sim: Sim = {
    ...{ tape, settings, options, clock, state, asks, ledger, a, b, stores: [...a, b], zombies: [] },
    ...{
      rates: options.rates,
      fates: fatesOf(options.rates),
      feedMissed: false,
      mapped: 0,
      ...{ view: ALL_DATES, looking: ALL_DATES, meetings: new Map() },
      leftOut: new Set<string>(),
      emptyScans: new Map<string, number>(),
      deletesMade: [],
      holders: new Map(),
      journaled: new Map(),
      goneSince: new Map(),
      hurryUntil: 0,
      sender: { lane: 0, late: false },
      writes: 0,
      post: emptyPost(),
      storeCalls: 0,
      transactions: 0,
      effects: 0,
    },
    openLane: (index) =>
      openLane(options, index, {
        mutant: settings.mutant ?? '',
        mapped: sim.mapped,
        events: settings.events === true,
        view: sim.view,
      }),
    count,
    traced: trace !== false,
    note(line) {
      if (trace === false) return;
      const text = `${clock.now - START} ${line()}`;
      recording.hash = hashed(recording.hash, text);
      if (trace === true) recording.trace.push(text);
    },
  };
  if (settings.events === true) count(`mail policy ${mailName(options)}`);
  return sim;
}

/** Tells the state which lanes and feeds there are. */
export function* saveWorld(sim: Sim): Scheduled<void> {
  const specs = sim.a.map((_, index) => specOf(index));
  yield* ask(sim, 'saveLanes', specs, sim.clock.wall());
  yield* ask(sim, 'saveFeeds', [
    ...specs.map(({ storeA }) => ({ id: `${storeA}/main`, store: storeA, side: 'a' as const, key: 'main' })),
    { id: 'B/main', store: 'B', side: 'b', key: 'main' },
  ]);
}
