import { type AdapterError, type EventWindow, isAdapterError } from '@tidelock/core';
import { z } from 'zod';
import { viewBounds } from './event-window.ts';

const DAY_MS = 86_400_000;
/** The service refuses views of more than 1,825 days. */
const MOST_DAYS = 1_800;
/** A part that times out although it is no longer than this will not do better when it is shorter. */
const LEAST_DAYS = 7;

export const PartSchema = z.strictObject({ start: z.string().min(1), end: z.string().min(1) });

/** Part of a window, as a view of the service asks for it: two instants. */
export type Part = z.output<typeof PartSchema>;

const span = (from: number, to: number): Part => ({
  start: new Date(from).toISOString(),
  end: new Date(to).toISOString(),
});

const daysOf = ({ start, end }: Part): number => (Date.parse(end) - Date.parse(start)) / DAY_MS;

/** The window in as few parts as the service takes. */
export function partsOf(window: EventWindow): readonly Part[] {
  const { start, end } = viewBounds(window);
  const [from, to] = [Date.parse(start), Date.parse(end)];
  const count = Math.max(1, Math.ceil(daysOf({ start, end }) / MOST_DAYS));
  const cuts = Array.from({ length: count + 1 }, (_, at) => from + Math.round(((to - from) * at) / count));
  return cuts.slice(1).map((cut, at) => span(cuts[at] ?? from, cut));
}

const isTimeout = (error: unknown): error is AdapterError => isAdapterError(error) && error.status === 504;

/**
 * A view that the service cannot put together in time is asked for in halves. Throws the error where it is another one, or
 * the part is short already.
 */
export function halvesOf(part: Part, error: unknown): readonly [Part, Part] {
  if (!isTimeout(error) || daysOf(part) <= LEAST_DAYS) throw error;
  const [from, to] = [Date.parse(part.start), Date.parse(part.end)];
  const middle = from + Math.floor((to - from) / (2 * DAY_MS)) * DAY_MS;
  return [span(from, middle), span(middle, to)];
}
