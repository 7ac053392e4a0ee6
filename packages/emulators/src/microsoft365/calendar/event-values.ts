import { addressFields, type PhysicalAddress } from '../contact-content.ts';
import { GraphFailure, invalidProperty, unreadableBody } from '../graph-error.ts';
import { readZonedTime } from '../zoned-time.ts';
import {
  ATTENDEE_TYPES,
  type Attendee,
  type Location,
  type Response,
  type TimeSlot,
} from './event-content.ts';

export type Fields = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const wrongType = (name: string, expected: string): GraphFailure =>
  unreadableBody(`Cannot convert the value of property '${name}' to the expected type '${expected}'.`);

/** The member of that name in any case; OData of Outlook takes `DateTime` for `dateTime`. */
export const member = (fields: Fields, name: string): unknown =>
  fields[name] ??
  Object.entries(fields).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1] ??
  null;

export function readText(value: unknown, name: string): string {
  if (value === null) return '';
  if (typeof value !== 'string') throw wrongType(name, 'Edm.String');
  return value;
}

export function readFlag(value: unknown, name: string): boolean {
  if (typeof value !== 'boolean') throw wrongType(name, 'Edm.Boolean');
  return value;
}

export function readTexts(value: unknown, name: string): readonly string[] {
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string'))
    throw wrongType(name, 'Collection(Edm.String)');
  return Object.freeze([...new Set<string>(value)]);
}

/** Enumerations are taken in any case. */
export function readOneOf<T extends string>(
  value: unknown,
  of: { readonly name: string; readonly among: readonly T[] },
): T {
  const found = of.among.find((each) => each.toLowerCase() === String(value).toLowerCase());
  if (found === undefined)
    throw unreadableBody(`Requested value '${String(value)}' was not found (${of.name}).`);
  return found;
}

export function readMinutes(value: unknown, name: string): number {
  if (
    typeof value !== 'number' ||
    !Number.isInteger(value) ||
    value < -2_147_483_648 ||
    value > 2_147_483_647
  )
    throw wrongType(name, 'Edm.Int32');
  return value;
}

function readAddress(value: unknown, name: string): PhysicalAddress {
  if (value === null) return Object.freeze({});
  if (!isRecord(value)) throw wrongType(name, 'microsoft.graph.physicalAddress');
  const parts = addressFields.map((field) => [field, readText(member(value, field), name)] as const);
  return Object.freeze(Object.fromEntries(parts.filter(([, text]) => text !== '')));
}

const COORDINATES = ['latitude', 'longitude', 'accuracy', 'altitude', 'altitudeAccuracy'] as const;

function readCoordinates(value: unknown, name: string): Readonly<Record<string, number>> {
  if (value === null) return Object.freeze({});
  if (!isRecord(value)) throw wrongType(name, 'microsoft.graph.outlookGeoCoordinates');
  const parts = COORDINATES.map((field) => [field, member(value, field)] as const);
  for (const [, each] of parts)
    if (each !== null && typeof each !== 'number') throw wrongType(name, 'Edm.Double');
  return Object.freeze(
    Object.fromEntries(
      parts.filter((part): part is readonly [(typeof COORDINATES)[number], number] => part[1] !== null),
    ),
  );
}

export function readLocation(value: unknown, name: string): Location | undefined {
  if (value === null) return undefined;
  if (!isRecord(value)) throw wrongType(name, 'microsoft.graph.location');
  const optional = (field: string): string | undefined => {
    const text = readText(member(value, field), name);
    return text === '' ? undefined : text;
  };
  const location: Location = {
    displayName: readText(member(value, 'displayName'), name),
    address: readAddress(member(value, 'address'), `${name}/address`),
    coordinates: readCoordinates(member(value, 'coordinates'), `${name}/coordinates`),
    locationUri: optional('locationUri'),
    locationEmailAddress: optional('locationEmailAddress'),
  };
  const isEmpty = location.displayName === '' && Object.keys(location.address).length === 0;
  return isEmpty ? undefined : Object.freeze(location);
}

export function readLocations(value: unknown, name: string): readonly Location[] {
  if (!Array.isArray(value)) throw wrongType(name, 'Collection(microsoft.graph.location)');
  return Object.freeze(
    value.map((each) => readLocation(each, name)).filter((location) => location !== undefined),
  );
}

export function readSlot(value: unknown, name: string): TimeSlot | undefined {
  if (value === null) return undefined;
  if (!isRecord(value)) throw wrongType(name, 'microsoft.graph.timeSlot');
  return Object.freeze({
    start: readZonedTime(member(value, 'start'), `${name}/start`),
    end: readZonedTime(member(value, 'end'), `${name}/end`),
  });
}

const unanswered: Response = Object.freeze({ response: 'none', at: null });

/** `isLenient`: people and imports may name somebody without an address. */
export interface AttendeeRules {
  readonly isLenient: boolean;
  /** Those there were before: they keep their answers. */
  readonly before: readonly Attendee[];
}

function readAttendee(value: unknown, rules: AttendeeRules): Attendee {
  if (!isRecord(value)) throw wrongType('attendees', 'microsoft.graph.attendee');
  const email = member(value, 'emailAddress');
  if (!isRecord(email)) throw wrongType('attendees/emailAddress', 'microsoft.graph.emailAddress');
  const address = readText(member(email, 'address'), 'attendees/emailAddress/address').trim();
  const name = readText(member(email, 'name'), 'attendees/emailAddress/name');
  const isReachable = /^[^\s@]+@[^\s@]+$/.test(address);
  if (!isReachable && !rules.isLenient)
    throw new GraphFailure(
      400,
      'ErrorInvalidRecipients',
      `At least one recipient isn't valid., A message can't be sent because it contains no valid recipient: '${address}'.`,
    );
  const known = rules.before.find(
    (each) => each.emailAddress.address?.toLowerCase() === address.toLowerCase(),
  );
  const type = member(value, 'type');
  return Object.freeze({
    type: type === null ? 'required' : readOneOf(type, { name: 'attendees/type', among: ATTENDEE_TYPES }),
    emailAddress: Object.freeze({
      name: name === '' ? address : name,
      address: isReachable ? address : undefined,
    }),
    status: known?.status ?? unanswered,
    proposedNewTime: known?.proposedNewTime,
  });
}

const ATTENDEES_MOST = 500;

export function readAttendees(value: unknown, rules: AttendeeRules): readonly Attendee[] {
  if (!Array.isArray(value)) throw wrongType('attendees', 'Collection(microsoft.graph.attendee)');
  if (value.length > ATTENDEES_MOST)
    throw invalidProperty(`The property 'attendees' can hold at most ${ATTENDEES_MOST} values.`);
  const found = new Map<string, Attendee>();
  for (const attendee of value.map((each) => readAttendee(each, rules))) {
    const { address, name } = attendee.emailAddress;
    const key = address?.toLowerCase() ?? `without an address ${name}`;
    if (!found.has(key)) found.set(key, attendee);
  }
  return Object.freeze([...found.values()]);
}
