import type { StoreCapabilities } from '@tidelock/core';
import { BASE_RATES, FAULTS, type Fault, type Operation, type Rates, type WorldOptions } from './options.ts';
import type { StoreOptions } from './store-options.ts';

/** What a world becomes in which the removal of one rule is to be met. It draws nothing, so plain schedules stay as they are. */
export type Workload = (world: WorldOptions) => WorldOptions;

const all =
  (...parts: readonly Workload[]): Workload =>
  (world) =>
    parts.reduce((so, part) => part(so), world);

/** At least so many times the usual rate, in every schedule. */
const often =
  (times: Partial<Record<Fault, number>>): Workload =>
  (world) => {
    const rates: Record<Fault, number> = { ...world.rates };
    for (const [fault, factor] of Object.entries(times) as [Fault, number][])
      rates[fault] = Math.max(rates[fault], BASE_RATES[fault] * factor);
    return { ...world, rates: rates satisfies Rates };
  };

const never =
  (...faults: readonly Fault[]): Workload =>
  (world) => ({
    ...world,
    rates: { ...world.rates, ...Object.fromEntries(faults.map((fault) => [fault, 0])) },
  });

/** People are at it for as long as a schedule lasts. */
const TIRELESS: Workload = (world) => ({ ...world, edits: world.edits + 100 });

/** Nothing fails but what is named after it; people do what they do. */
const CALM: Workload = never(...FAULTS.filter((fault) => fault !== 'edit' && fault !== 'aim'));

/** People do nothing else. */
const only =
  (...operations: readonly Operation[]): Workload =>
  (world) => ({ ...world, operations: world.operations.filter((name) => operations.includes(name)) });

/** These operations weigh so many times more. */
const people =
  (times: Partial<Record<Operation, number>>): Workload =>
  (world) => ({
    ...world,
    operations: world.operations.flatMap((name) => new Array<Operation>(times[name] ?? 1).fill(name)),
  });

const stores =
  (told: Partial<Omit<StoreOptions, 'caps'>>): Workload =>
  (world) => ({ ...world, a: { ...world.a, ...told }, b: { ...world.b, ...told } });

const able =
  (told: Partial<StoreCapabilities>): Workload =>
  ({ a, b, ...world }) => ({
    ...world,
    a: { ...a, caps: { ...a.caps, ...told } },
    b: { ...b, caps: { ...b.caps, ...told } },
  });

/** Requests of which we hear nothing, and that land late; the state's clock leaps over hold-offs. */
const LATE = often({ late: 3, lostApplied: 2, lostNotApplied: 2, clockJump: 3 });

/** Stores that compare nothing, and say who wrote. */
const UNGUARDED = able({ conditionalUpdate: false, conditionalDelete: false, modifiedBy: true });

/** Our own twins, and somebody who meets them before we do. */
const TWINS = all(LATE, often({ aim: 3 }), able({ createKey: 'lookup' }), people({ create: 4 }));

/** The brake holds few deletes already, and there are many. */
const TIGHT: Workload = (world) => ({ ...world, tightBrake: true, people: world.people + 3 });

/** People make records and delete them, a few at a time, and every delete is carried out. */
const DELETES = all(CALM, TIGHT, able({ lagSeconds: 0 }), often({ edit: 1 }), only('create-both', 'delete'));

/** No feed drops anything, so that no audit is needed, and none hides what else is lost. */
const UNAUDITED = all(never('missingEntry', 'emptyListing'), (world) => ({ ...world, audit: false }));

/** Enumerations of several pages, while people work. */
const PAGED = all(UNAUDITED, often({ expired: 6, edit: 2 }), stores({ pageSize: 2 }), (world) => ({
  ...world,
  people: world.people + 4,
}));

const POLLED = stores({ feed: 'poll' });
const LOGGED = stores({ feed: 'log' });
/** Replicas that lag. */
const LAGGING = all(able({ lagSeconds: 20 }), often({ staleRead: 3, staleMissing: 3 }));

/** By mutant. */
export const WORKLOADS: Readonly<Record<string, Workload>> = {
  'unique-stamp': all(
    CALM,
    TIRELESS,
    often({ late: 12, clockJump: 3, edit: 3, aim: 3 }),
    able({ createKey: 'unique', lagSeconds: 0 }),
    only('set', 'create'),
    people({ create: 4 }),
  ),
  upsert: all(
    CALM,
    often({ late: 6, clockJump: 3, edit: 2 }),
    able({ createKey: 'unique', lagSeconds: 0 }),
    only('set', 'create'),
  ),
  'stamp-lookup': all(LATE, people({ create: 4 })),
  'hold-off': LATE,
  'unknown-is-refused': LATE,
  'rule-z': all(
    CALM,
    often({ late: 6, clockJump: 3, edit: 2, aim: 1 }),
    UNGUARDED,
    able({ lagSeconds: 0 }),
    only('set', 'create'),
  ),
  heal: TWINS,
  'heal-survivor': TWINS,
  'heal-edited': TWINS,
  'tombstone-stamp': all(TWINS, people({ delete: 3 })),
  'head-after': all(PAGED, LOGGED),
  'expired-is-empty': all(UNAUDITED, often({ expired: 4 })),
  overlap: all(UNAUDITED, POLLED),
  'cursor-now': all(UNAUDITED, POLLED),
  'failed-is-gone': often({ failedItem: 6, falseRemoved: 4 }),
  claims: people({ create: 3 }),
  'email-lookup': all(POLLED, stores({ commitLagMs: 30_000 }), people({ 'create-both': 6 })),
  'settle-races': all(
    CALM,
    UNAUDITED,
    TIRELESS,
    often({ pause: 6, falseRemoved: 20, edit: 2 }),
    able({ lagSeconds: 0 }),
    only('set', 'create-both', 'delete'),
  ),
  'stale-guard': LAGGING,
  'two-looks': all(LAGGING, able({ conditionalDelete: false }), people({ delete: 4 })),
  cas: all(able({ conditionalUpdate: true }), often({ pauseAtSend: 3, aim: 3 })),
  'cas-delete': all(
    CALM,
    TIRELESS,
    often({ pauseAtSend: 20, edit: 3 }),
    able({ conditionalDelete: true, lagSeconds: 0 }),
    only('set', 'create-both', 'delete'),
    people({ delete: 2 }),
  ),
  brake: TIGHT,
  'brake-everywhere': TIGHT,
  'brake-day': DELETES,
  'brake-sides': DELETES,
  'approval-names': TIGHT,
  'named-cursor': all(UNAUDITED, TIRELESS, often({ edit: 3 }), (world) => ({ ...world, named: true })),
  'ended-reports': all(often({ aim: 3, lostApplied: 3 }), people({ delete: 3, undelete: 3 })),
};
