import type { Fields } from '@tidelock/core';
import { isEventValue } from './event-canon.ts';

/** Addresses that stand for rooms and the like, by what the source shows: a store that keeps no roles could not tell. */
export function roomsIn(source: Fields): { readonly rooms?: readonly string[] } {
  const rooms: string[] = [];
  for (const name of Object.keys(source)) {
    const value = source[name];
    if (typeof value !== 'object' || !isEventValue(value) || value.kind !== 'people') continue;
    for (const { role, email } of value.attendees) if (role === 'resource') rooms.push(email.toLowerCase());
  }
  return rooms.length === 0 ? {} : { rooms };
}
