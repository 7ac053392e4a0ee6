import {
  type EventValue,
  type Exception,
  type FieldSpec,
  type FieldValue,
  inZone,
  type OccurrenceField,
  type Occurrences,
  type People,
} from '@tidelock/core';

function projectPeople(spec: FieldSpec, value: People): People {
  const { keeps } = spec;
  const kept = value.attendees.slice(0, spec.maxItems);
  if (keeps === undefined)
    return kept.length === value.attendees.length ? value : { ...value, attendees: kept };
  return {
    kind: 'people',
    organizer: keeps.includes('organizer') ? value.organizer : null,
    attendees: kept.map((attendee) => ({
      ...attendee,
      role: keeps.includes('role') ? attendee.role : 'required',
      response: keeps.includes('response') ? attendee.response : 'none',
    })),
  };
}

function projectOccurrences(spec: FieldSpec, value: Occurrences): Occurrences {
  const { children } = spec;
  if (children === undefined) return value;
  const keep = (child: Exception): Exception =>
    Object.fromEntries(
      Object.entries(child).filter(([field]) => children.includes(field as OccurrenceField)),
    );
  const byStart = Object.entries(value.byStart).map(
    ([key, child]) => [key, child === 'cancelled' ? child : keep(child)] as const,
  );
  return { kind: 'occurrences', byStart: Object.fromEntries(byStart) };
}

/** What a store shows after this value was written there. */
export function projectEventValue(spec: FieldSpec, value: EventValue): FieldValue {
  if (value.kind === 'people') return projectPeople(spec, value);
  if (value.kind === 'occurrences') return projectOccurrences(spec, value);
  if (value.kind !== 'time' || spec.instantsOnly !== true) return value;
  return inZone(value, 'UTC');
}
