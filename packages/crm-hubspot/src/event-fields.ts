import type { FieldCatalogue, FieldSpec } from '@tidelock/core';
import { toSpec, typeOf } from './fields.ts';
import type { WireProperty } from './wire.ts';

/** Properties of our own: several of the service's as one value, or objects of another sort. */
export const TIME = 'time';
export const PEOPLE = 'people';

export const START = 'hs_meeting_start_time';
export const END = 'hs_meeting_end_time';
/** Where the meeting stands on the timeline: its start. */
export const PLACE = 'hs_timestamp';
export const ATTENDING_OWNERS = 'hs_attendee_owner_ids';

/** People of one meeting. */
const MOST_PEOPLE = 200;

/** System properties that people fill in. */
const STANDARD: Readonly<Record<string, FieldSpec['type']>> = {
  hs_meeting_title: 'text',
  hs_meeting_body: 'html',
  hs_internal_meeting_notes: 'html',
  hs_meeting_location: 'text',
  hs_meeting_external_url: 'url',
};

/** What the account's meetings look like. */
export interface MeetingShape {
  readonly catalogue: FieldCatalogue;
  /** Undefined: it does not exist. */
  readonly stamp: WireProperty | undefined;
  /** Tells days from a time that happens to be midnight; undefined where nobody has made it. */
  readonly allDay: WireProperty | undefined;
}

const isOwn = (name: string): boolean => !name.startsWith('hs_') && !name.startsWith('hubspot_');

export function toMeetingShape(
  properties: readonly WireProperty[],
  of: { readonly stampProperty: string; readonly allDayProperty: string },
): MeetingShape {
  const named = (name: string): WireProperty | undefined =>
    properties.find((property) => property.name === name);
  const catalogue: Record<string, FieldSpec> = {
    [TIME]: { type: 'time', label: 'Start and end', writable: true, required: true, instantsOnly: true },
    [PEOPLE]: {
      type: 'people',
      label: 'Attendees',
      writable: true,
      maxItems: MOST_PEOPLE,
      keeps: [],
      resolved: true,
    },
  };
  for (const property of properties) {
    const { name, fieldType, type } = property;
    if (name === of.stampProperty || name === of.allDayProperty) continue;
    const rich = type === 'string' && fieldType === 'html' ? 'html' : typeOf(property);
    const found = STANDARD[name] ?? (isOwn(name) ? rich : null);
    if (found !== null) catalogue[name] = toSpec(property, found);
  }
  return { catalogue, stamp: named(of.stampProperty), allDay: named(of.allDayProperty) };
}
