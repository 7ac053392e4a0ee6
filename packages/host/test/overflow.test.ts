import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Overflow } from '@tidelock/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOverflow } from '../src/overflow.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'overflow-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A descriptor can be closed while the folder of descriptors is read. */
function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

const fill = (overflow: Overflow, count: number, text = textAt): number[] =>
  Array.from({ length: count }, (_, index) => overflow.put(text(index)) ?? -1);

/** Descriptors of this process that are open in the folder. */
const openFiles = (): string[] =>
  readdirSync('/proc/self/fd').flatMap((name) => {
    const target = orEmpty(() => readlinkSync(`/proc/self/fd/${name}`));
    return target.startsWith(folder) ? [`/proc/self/fd/${name}`] : [];
  });

const textAt = (index: number): string => `${index} ${'äöü€😀'.repeat(index % 97)}`;

describe('contents in a file', () => {
  it('come back as they were, over many blocks, in any order', () => {
    const overflow = createOverflow(folder);
    const places = fill(overflow, 5_000);
    for (let step = 0; step < 5_000; step += 1) {
      const index = (step * 2_741) % 5_000;
      expect(overflow.get(places[index] ?? -1)).toBe(textAt(index));
    }
    for (const place of places) overflow.drop(place);
  });

  it.skipIf(process.platform === 'win32')(
    'have no name in the folder [skipped: Windows keeps the name of an open file]',
    () => {
      const overflow = createOverflow(folder);
      const places = fill(overflow, 5_000);
      expect(readdirSync(folder)).toEqual([]);
      for (const place of places) overflow.drop(place);
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'cannot be read in the file by anybody else [skipped: only Linux shows descriptors in /proc]',
    () => {
      const overflow = createOverflow(folder);
      const text = 'a name that stands in every record';
      const places = fill(overflow, 20_000, (index) => `${text} ${index}`);
      const open = openFiles();
      expect(open).toHaveLength(1);
      const bytes = readFileSync(open[0] ?? '');
      expect(bytes.length).toBeGreaterThan(200_000);
      expect(bytes.includes(text)).toBe(false);
      for (const place of places) overflow.drop(place);
      expect(openFiles()).toEqual([]);
    },
  );

  it('can begin again after all were dropped', () => {
    const overflow = createOverflow(folder);
    for (const place of fill(overflow, 5_000)) overflow.drop(place);
    const place = overflow.put('again');
    expect(overflow.get(place ?? -1)).toBe('again');
    overflow.drop(place ?? -1);
  });

  it.skipIf(process.platform !== 'linux')(
    'fill one file after the other, of which each goes with the last that is needed of it [skipped: only Linux shows descriptors in /proc]',
    () => {
      const overflow = createOverflow(folder);
      const long = (index: number): string => `${index} ${'x'.repeat(200_000)}`;
      const places = fill(overflow, 1_000, long);
      expect(openFiles().length).toBe(3);
      const kept = [places[5], places[500], places[999]] as const;
      for (const place of places) if (!kept.includes(place)) overflow.drop(place);
      expect(openFiles().length, 'each of them has one that is needed').toBe(3);
      expect(overflow.get(kept[1] ?? -1)).toBe(long(500));
      overflow.drop(kept[1] ?? -1);
      expect(openFiles().length).toBe(2);
      const again = fill(overflow, 400, long);
      expect(again.map((place) => overflow.get(place))).toEqual(again.map((_, index) => long(index)));
      expect(overflow.get(kept[0] ?? -1)).toBe(long(5));
      for (const place of [...again, kept[0] ?? -1, kept[2] ?? -1]) overflow.drop(place);
      expect(openFiles()).toEqual([]);
    },
  );

  it('are not kept where the folder cannot be written, or when one is too large', () => {
    const overflow = createOverflow(join(folder, 'absent'));
    expect(fill(overflow, 5_000).at(-1)).toBe(-1);
    expect(createOverflow(folder).put('x'.repeat(2_000_000))).toBeNull();
  });
});
