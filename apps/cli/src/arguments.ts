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
