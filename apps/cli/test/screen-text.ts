import { createHash } from 'node:crypto';

/** Looks like an id, the same in every run. */
const standIn = (n: number): string => createHash('sha256').update(`screen ${n}`).digest('hex');

/**
 * What changes from run to run (ids, hashes, instants) replaced by stand-ins of the same width: the same id is the same
 * stand-in throughout one page, so that a reader can follow it from screen to screen.
 */
export function createSteady(): (text: string) => string {
  const known = new Map<string, string>();
  const idFor = (id: string): string => {
    const start = id.slice(0, 8);
    const stand = known.get(start) ?? standIn(known.size);
    known.set(start, stand);
    return [...id].map((letter, index) => (letter === '-' ? '-' : stand.charAt(index))).join('');
  };
  return (text) =>
    text
      .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{12}\b|\b[0-9a-f]{8}\b/g, idFor)
      .replaceAll(/\b\d{1,2} \w{3} 20\d\d \d\d:\d\d UTC\b/g, '2 May 2026 10:03 UTC')
      .replaceAll(/[ \t]+$/gm, '');
}
