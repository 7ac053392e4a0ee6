import type { Fields } from '@tidelock/core';
import { isEventValue } from './event-canon.ts';

/** Addresses that stand for rooms and the like, by what the source shows: a store that keeps no roles could not tell. */
export function roomsIn(source: Fields): { readonly rooms?: readonly string[] } {
  const rooms = Object.values(source).flatMap((value) =>
    isEventValue(value) && value.kind === 'people'
      ? value.attendees.filter(({ role }) => role === 'resource').map(({ email }) => email.toLowerCase())
      : [],
  );
  return rooms.length === 0 ? {} : { rooms };
}
