import { InvalidArgumentError } from 'commander';

function toInteger(text: string, least: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value) || value < least)
    throw new InvalidArgumentError(`A whole number from ${least} up.`);
  return value;
}

export const toLimit = (text: string): number => toInteger(text, 0);
export const toRounds = (text: string): number => toInteger(text, 1);
export const toPort = (text: string): number => {
  const port = toInteger(text, 0);
  if (port > 65_535) throw new InvalidArgumentError('A port is at most 65535.');
  return port;
};
/** For options that may be given several times. */
export const toList = (text: string, before: readonly string[] = []): string[] => [...before, text];

export const toSeconds = (text: string): number => toInteger(text, 1);

const UNIT = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds since the epoch, from `30m`, `2h`, `3d` before `now`, or a date with or without a time. */
export function toInstant(text: string, now: number): number {
  const ago = /^(\d{1,6})([mhd])$/.exec(text);
  if (ago !== null) return now - Number(ago[1]) * UNIT[ago[2] as keyof typeof UNIT];
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new InvalidArgumentError('Write 30m, 2h, 3d, or a date such as 2026-05-02T10:00.');
  return at;
}
