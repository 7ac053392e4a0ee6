import ICAL from 'ical.js';
import { GraphFailure } from '../graph-error.ts';
import { offsetAt } from '../zone-offset.ts';
import { CUSTOM_ZONE, type Zone, zoneOf } from '../zoned-time.ts';
import { type IcsComponent, IcsProblem, textOf } from './ics-component.ts';

/** A zone with the name that the calendar shows it by. */
export interface NamedZone {
  readonly timeZone: string;
  readonly zone: Zone;
}

function byName(name: string): NamedZone | undefined {
  try {
    return { timeZone: name, zone: zoneOf(name) };
  } catch (error) {
    if (error instanceof GraphFailure) return undefined;
    throw error;
  }
}

/** `/vendor/20190101/Europe/Berlin` and `custom_America/New_York` end in a name that is known. */
function byEnding(id: string): NamedZone | undefined {
  const parts = id.replace(/^custom_/i, '').split('/');
  for (let from = 0; from < parts.length; from += 1) {
    const name = parts.slice(from).join('/');
    // One word alone is no place: `GMT` at the end of a name says little.
    const found = name.includes('/') || from === 0 ? byName(name) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

const toJCal = ({ name, properties, parts }: IcsComponent): unknown[] => [
  name.toLowerCase(),
  properties.map((property) => [property.name, property.params, property.type, ...property.values]),
  parts.map(toJCal),
];

const DAY_MS = 86_400_000;
const MONTH_MS = 30.4 * DAY_MS;

const zoneIn = (definition: IcsComponent): InstanceType<typeof ICAL.Timezone> =>
  new ICAL.Timezone({ component: new ICAL.Component(toJCal(definition)), tzid: 'own' });

const pad = (value: number): string => String(value).padStart(2, '0');

function fixed(offset: number): string {
  const minutes = Math.abs(offset) / 60_000;
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

interface Sample {
  readonly at: number;
  readonly offset: number;
}

/** How far the file's zone is ahead of UTC, month by month for the year that follows; `at` may be a day off. */
function sample(definition: IcsComponent, at: number): readonly Sample[] {
  const own = zoneIn(definition);
  return Array.from({ length: 13 }, (_, index) => {
    const instant = at - DAY_MS + index * MONTH_MS;
    const local = ICAL.Time.fromJSDate(new Date(instant), true).convertToZone(own);
    return { at: instant, offset: local.utcOffset() * 1000 };
  });
}

/** The first zone that keeps the same time. */
const fitting = (samples: readonly Sample[]): string | undefined =>
  Intl.supportedValuesOf('timeZone').find((zone) =>
    samples.every(({ at, offset }) => offsetAt(at, zone) === offset),
  );

/** How far ahead of UTC the file's zone is at one time on its clocks: enough for an event that does not repeat. */
function atMoment(definition: IcsComponent, local: number): string {
  const time = ICAL.Time.fromJSDate(new Date(local), true);
  time.zone = zoneIn(definition);
  return fixed(time.utcOffset() * 1000);
}

const nameless = (name: string | undefined): NamedZone | undefined => {
  const found = name === undefined ? undefined : byName(name);
  return found === undefined ? undefined : { timeZone: CUSTOM_ZONE, zone: found.zone };
};

export interface ZoneUse {
  readonly line: number;
  /** The time on the clocks of the zone, as milliseconds since 1970. */
  readonly at: number;
  readonly isSeries: boolean;
}

/** Finds zones by the names that a file uses. */
export type ZoneFinder = (id: string, use: ZoneUse) => NamedZone;

/**
 * `calendar`: with the zones that the file describes. A described zone without a name that is known gets the one that keeps
 * the same time, else, for an event that does not repeat, its distance from UTC. Throws IcsProblem for one that is neither
 * known nor described.
 */
export function createZoneFinder(calendar: IcsComponent): ZoneFinder {
  const definitions = new Map(
    calendar.parts.filter(({ name }) => name === 'VTIMEZONE').map((part) => [textOf(part, 'tzid'), part]),
  );
  // All zones are looked through once per zone of the file and year.
  const known = new Map<string, string | undefined>();
  const bySample = (id: string, definition: IcsComponent, at: number): string | undefined => {
    const samples = sample(definition, at);
    const [first] = samples;
    if (first !== undefined && samples.every(({ offset }) => offset === first.offset))
      return fixed(first.offset);
    const key = `${id} ${new Date(at).getUTCFullYear()}`;
    if (!known.has(key)) known.set(key, fitting(samples));
    return known.get(key);
  };
  const find = (id: string, at: number): NamedZone | undefined => {
    const definition = definitions.get(id);
    const location = definition === undefined ? '' : textOf(definition, 'x-lic-location');
    const named = byName(id) ?? (location === '' ? undefined : byName(location)) ?? byEnding(id);
    return named ?? (definition === undefined ? undefined : nameless(bySample(id, definition, at)));
  };
  return (id, { line, at, isSeries }) => {
    const definition = definitions.get(id);
    const once = definition === undefined || isSeries ? undefined : atMoment(definition, at);
    const found = find(id, at) ?? nameless(once);
    if (found !== undefined) return found;
    throw new IcsProblem(
      line,
      definition === undefined
        ? `the time zone "${id}" is not known, and the file has no VTIMEZONE for it`
        : `the time zone "${id}" (line ${definition.line}) keeps a time that no known zone keeps`,
    );
  };
}
