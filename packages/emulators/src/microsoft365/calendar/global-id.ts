import type { Random } from '../../kit/random.ts';
import { partsOf } from '../calendar-day.ts';

/** Of every global object id of Outlook (MS-OXOCAL 2.2.1.27). */
const PREFIX = '040000008200E00074C5B7101A82E008';
const NO_DATE = '00000000';
const PATTERN = new RegExp(`^${PREFIX}[0-9A-F]{8}`, 'i');

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');

/** 100 ns since 1601, least significant byte first. */
function fileTime(at: number): string {
  const ticks = (BigInt(Math.floor(at)) + 11_644_473_600_000n) * 10_000n;
  const bytes = ticks.toString(16).toUpperCase().padStart(16, '0').match(/../g) ?? [];
  return bytes.reverse().join('');
}

/** A new event's identity in the copies of everybody who takes part. */
export const newUid = (random: Random, at: number): string =>
  `${PREFIX}${NO_DATE}${fileTime(at)}0000000000000000${hex(0x10000000, 8)}${random.hex(32).toUpperCase()}`;

/** What came from another program is wrapped, so that there is a place for the date. */
function wrapped(uid: string): string {
  const bytes = Buffer.from(`vCal-Uid\u0001\u0000\u0000\u0000${uid}\u0000`, 'utf8');
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.length);
  return `${PREFIX}${NO_DATE}${'0'.repeat(32)}${size.toString('hex')}${bytes.toString('hex')}`.toUpperCase();
}

/** `iCalUId`: of a single event or a master the uid itself; of an occurrence the same with its date in it. */
export function iCalUIdOf(uid: string, day: number | null): string {
  if (day === null) return uid;
  const { year, month, day: date } = partsOf(day);
  const whole = PATTERN.test(uid) ? uid : wrapped(uid);
  const at = `${hex(year, 4)}${hex(month, 2)}${hex(date, 2)}`;
  return `${whole.slice(0, PREFIX.length)}${at}${whole.slice(PREFIX.length + NO_DATE.length)}`;
}
