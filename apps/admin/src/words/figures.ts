const UNITS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
] as const;

export const count = (value: number): string => value.toLocaleString('en');

export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** `3 minutes`; milliseconds come in. */
export function duration(ms: number): string {
  const unit = UNITS.find(([size]) => ms >= size);
  return unit === undefined ? 'less than a second' : plural(Math.floor(ms / unit[0]), unit[1]);
}

/** `3 minutes ago`, `in 2 hours`; instants in milliseconds since the epoch. */
export function fromNow(at: number, now: number): string {
  const gap = at - now;
  if (Math.abs(gap) < 1000) return 'just now';
  return gap > 0 ? `in ${duration(gap)}` : `${duration(-gap)} ago`;
}

const STAMP = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const SHORT_DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** `28 Nov 2026, 21:27`, in the reader's time zone. */
export const stamp = (at: number): string => STAMP.format(at);
/** `27 Nov, 09:41` */
export const dayClock = (at: number): string => `${SHORT_DAY.format(at)}, ${CLOCK.format(at)}`;
export const day = (at: number): string => DAY.format(at);

/** `45 ms`, `1.2 s`, `3 min`: for axes and figures. */
export function shortDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}
