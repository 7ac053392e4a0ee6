import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

const textAt = (index: number): string => `${index} ${'äöü€😀'.repeat(index % 97)}`;

describe('contents in a file', () => {
  it('come back as they were, over many blocks, in any order', () => {
    const overflow = createOverflow(folder);
    const places = Array.from({ length: 5_000 }, (_, index) => overflow.put(textAt(index)));
    for (let step = 0; step < 5_000; step += 1) {
      const index = (step * 2_741) % 5_000;
      expect(overflow.get(places[index] ?? -1)).toBe(textAt(index));
    }
    overflow.clear();
  });

  it.skipIf(process.platform === 'win32')(
    'have no name in the folder [skipped: Windows keeps the name of an open file]',
    () => {
      const overflow = createOverflow(folder);
      for (let index = 0; index < 5_000; index += 1) overflow.put(textAt(index));
      expect(readdirSync(folder)).toEqual([]);
      overflow.clear();
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'cannot be read in the file by anybody else [skipped: only Linux shows descriptors in /proc]',
    () => {
      const overflow = createOverflow(folder);
      const text = 'a name that stands in every record';
      for (let index = 0; index < 20_000; index += 1) overflow.put(`${text} ${index}`);
      const open = readdirSync('/proc/self/fd').flatMap((name) => {
        const target = orEmpty(() => readlinkSync(`/proc/self/fd/${name}`));
        return target.startsWith(folder) ? [`/proc/self/fd/${name}`] : [];
      });
      expect(open).toHaveLength(1);
      const bytes = readFileSync(open[0] ?? '');
      expect(bytes.length).toBeGreaterThan(200_000);
      expect(bytes.includes(text)).toBe(false);
      overflow.clear();
    },
  );

  it('can begin again after they were cleared', () => {
    const overflow = createOverflow(folder);
    for (let index = 0; index < 5_000; index += 1) overflow.put(textAt(index));
    overflow.clear();
    const place = overflow.put('again');
    expect(overflow.get(place ?? -1)).toBe('again');
    overflow.clear();
  });

  it('are not kept where the folder cannot be written, or when one is too large', () => {
    const overflow = createOverflow(join(folder, 'absent'));
    const places = Array.from({ length: 5_000 }, (_, index) => overflow.put(textAt(index)));
    expect(places.at(-1)).toBeNull();
    expect(createOverflow(folder).put('x'.repeat(2_000_000))).toBeNull();
  });
});
