import { type EventWindow, formatDay } from '@tidelock/core';
import type { EventRules } from './profiles/effective-events.ts';

const DAY_MS = 86_400_000;

/** Days since 1970 of the Monday of this week: 1970-01-01 was a Thursday. `now`: wall clock, milliseconds. */
export function mondayOf(now: number): number {
  const today = Math.floor(now / DAY_MS);
  return today - ((today + 3) % 7);
}

/**
 * The dates that are looked at. It moves on Mondays: each new window is one enumeration, and between two of them it holds a
 * week more than was asked for.
 */
export function windowOf({ pastDays, futureDays }: EventRules['window'], now: number): EventWindow {
  const monday = mondayOf(now);
  return { from: formatDay(monday - pastDays), to: formatDay(monday + futureDays + 7) };
}

/** The window that holds all of these. Dates as texts are in the order of time. */
export function unionOf(all: readonly [EventWindow, ...EventWindow[]]): EventWindow {
  const [earliest = all[0].from] = all.map(({ from }) => from).sort();
  const [latest = all[0].to] = all
    .map(({ to }) => to)
    .sort()
    .reverse();
  return { from: earliest, to: latest };
}
