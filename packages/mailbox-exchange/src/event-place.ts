import { AdapterError, type EventWindow } from '@tidelock/core';
import { z } from 'zod';
import { PartSchema, partsOf } from './event-parts.ts';

/**
 * Where the reading of a calendar stands. Each part of the window has a delta of its own. `views`: parts that are still to
 * be compared with the plain view, the first of them at `view`; null: the enumeration is over.
 */
const PlaceSchema = z.strictObject({
  v: z.literal(2),
  parts: z.array(PartSchema.extend({ walk: z.string().nullable() })).min(1),
  at: z.int().min(0),
  views: z.array(PartSchema).nullable(),
  view: z.string().nullable(),
});
export type Place = z.output<typeof PlaceSchema>;

export function startPlace(window: EventWindow): Place {
  const parts = partsOf(window);
  return {
    v: 2,
    parts: parts.map((part) => ({ ...part, walk: null })),
    at: 0,
    views: [...parts],
    view: null,
  };
}

export const encodePlace = (place: Place): string => JSON.stringify(place);

/** Throws `cursor_expired` for what is no cursor of this store. */
export function decodePlace(text: string, operation: string): Place {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const place = PlaceSchema.safeParse(value).data;
  if (place !== undefined) return place;
  throw new AdapterError('cursor_expired', `${operation}: this cursor is not one of this connection`, {
    operation,
    code: 'foreign-cursor',
  });
}
