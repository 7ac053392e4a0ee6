import {
  ATTENDEE_RESPONSES,
  ATTENDEE_ROLES,
  type Attendee,
  boundsOf,
  type EventTime,
  type EventValue,
  type FieldCatalogue,
  type FieldSpec,
  type Fields,
  type FieldValue,
  OCCURRENCE_FIELDS,
  type Occurrences,
  type Outcome,
  type Recurrence,
  recurrenceFault,
  type Write,
} from '@tidelock/core';
import { checkFields } from './check-values.ts';

type Rejected = Extract<Outcome, { status: 'rejected' }>;
type Fault = 'invalid' | 'too-long';

const ADDRESS = /^[^\s@<>]+@[^\s@<>]+$/;
const KEY = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?$/;
const EVENT_TYPES: ReadonlySet<string> = new Set(['time', 'recurrence', 'occurrences', 'people']);

const isEventValue = (value: FieldValue): value is EventValue =>
  typeof value === 'object' && value !== null && 'kind' in value;

function checkTime(time: EventTime): Fault | undefined {
  try {
    const { from, to } = boundsOf(time);
    const allDay = time.start.length === 10;
    const ordered = allDay ? to > from : to >= from;
    return ordered && allDay === (time.end.length === 10) ? undefined : 'invalid';
  } catch {
    return 'invalid';
  }
}

const isAttendee = ({ email, role, response }: Attendee): boolean =>
  ADDRESS.test(email) && ATTENDEE_ROLES.includes(role) && ATTENDEE_RESPONSES.includes(response);

function checkOccurrences(value: Occurrences, catalogue: FieldCatalogue): Fault | undefined {
  for (const [key, child] of Object.entries(value.byStart)) {
    if (!KEY.test(key)) return 'invalid';
    if (child === 'cancelled') continue;
    const known = OCCURRENCE_FIELDS as readonly string[];
    if (Object.keys(child).some((name) => !known.includes(name))) return 'invalid';
    const fault = checkEventFields(child as Fields, catalogue);
    if (fault !== undefined) return fault.code === 'too-long' ? 'too-long' : 'invalid';
  }
  return undefined;
}

function checkEventValue(value: EventValue, spec: FieldSpec, catalogue: FieldCatalogue): Fault | undefined {
  if (value.kind !== spec.type) return 'invalid';
  if (value.kind === 'time') return checkTime(value);
  if (value.kind === 'recurrence')
    return recurrenceFault(value as Recurrence) === null ? undefined : 'invalid';
  if (value.kind === 'occurrences') return checkOccurrences(value, catalogue);
  if (!value.attendees.every(isAttendee)) return 'invalid';
  return value.attendees.length > (spec.maxItems ?? Number.POSITIVE_INFINITY) ? 'too-long' : undefined;
}

const rejected = (property: string, code: Fault | 'required' | 'unsupported'): Rejected => {
  const reasons = {
    invalid: 'is not of its type',
    'too-long': 'is more than the store keeps',
    required: 'is required',
    unsupported: 'is not in the catalogue, or cannot be written',
  };
  return { status: 'rejected', code, property, message: `"${property}" ${reasons[code]}` };
};

function checkOne(property: string, value: FieldValue, catalogue: FieldCatalogue): Rejected | undefined {
  const spec = Object.hasOwn(catalogue, property) ? catalogue[property] : undefined;
  if (spec === undefined || !spec.writable) return rejected(property, 'unsupported');
  if (value === null) return spec.required === true ? rejected(property, 'required') : undefined;
  if (isEventValue(value)) {
    const fault = checkEventValue(value, spec, catalogue);
    return fault === undefined ? undefined : rejected(property, fault);
  }
  if (EVENT_TYPES.has(spec.type)) return rejected(property, 'invalid');
  if (spec.type === 'choice' && !spec.choices?.includes(String(value))) return rejected(property, 'invalid');
  if (spec.type === 'minutes' && !/^\d{1,7}$/.test(String(value))) return rejected(property, 'invalid');
  return checkFields({ [property]: value }, catalogue);
}

function checkEventFields(fields: Fields, catalogue: FieldCatalogue): Rejected | undefined {
  for (const [property, value] of Object.entries(fields)) {
    const fault = value === undefined ? undefined : checkOne(property, value, catalogue);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Why a write cannot be sent, or undefined. Names the property, never the value. */
export function checkEvent(write: Write, catalogue: FieldCatalogue): Rejected | undefined {
  if (write.op === 'delete') return undefined;
  const fields = write.op === 'create' ? write.fields : write.patch;
  if (write.op === 'create' && (fields.time ?? null) === null) return rejected('time', 'required');
  return checkEventFields(fields, catalogue);
}
