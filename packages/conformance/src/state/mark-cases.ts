import assert from 'node:assert/strict';
import type { StateCase } from './fixture.ts';
import { aLink, desk, linkOf, mark, NOW, observe, putLinks, sideRef, workIds } from './sample.ts';

export const markCases: readonly StateCase[] = [
  {
    id: 'state-060',
    title: 'a dirty mark makes its side dirty and leaves the content alone',
    async run({ state }) {
      const at = await desk(state);
      const before = aLink('1', { dirtyB: 3, cleanB: 3 });
      await putLinks(at, before);
      await observe(at, { marks: [mark('1', { version: 'v9', mono: 'm9', gen: 8 })] });
      const after = await linkOf(at.sync, '1');
      assert.ok(after.dirtyB > 3);
      assert.deepEqual(after, {
        ...before,
        b: { ...sideRef('b-1'), gen: 8 },
        dirtyB: after.dirtyB,
        seenB: 'm9',
      });
    },
  },
  {
    id: 'state-061',
    title: 'a mark that comes between a read and its put survives the put',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(at, aLink('1'));
      await observe(at, { marks: [mark('1')] });
      const read = await linkOf(at.sync, '1');
      await observe(at, { marks: [mark('1', { mono: 'm2', gen: 5 })] });
      await putLinks(at, { ...read, cleanB: read.dirtyB });
      const after = await linkOf(at.sync, '1');
      assert.ok(after.dirtyB > after.cleanB);
      assert.deepEqual([after.cleanB, after.seenB, after.b?.gen], [read.dirtyB, 'm2', 5]);
      assert.deepEqual(await workIds(at.sync), ['1']);
      await putLinks(at, { ...after, cleanB: after.dirtyB });
      assert.deepEqual(await workIds(at.sync), []);
    },
  },
  {
    id: 'state-062',
    title: 'every mark of a lane takes a higher value than any dirty or clean value before it',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(at, aLink('1', { dirtyA: 500, cleanA: 700 }), aLink('2'));
      await observe(at, { marks: [mark('2'), mark('1', { side: 'a' }), mark('2', { side: 'a' })] });
      const one = await linkOf(at.sync, '1');
      const two = await linkOf(at.sync, '2');
      assert.ok(one.dirtyA > 700);
      await observe(at, { marks: [mark('2')] });
      assert.ok((await linkOf(at.sync, '2')).dirtyB > Math.max(one.dirtyA, two.dirtyA, two.dirtyB));
    },
  },
  {
    id: 'state-063',
    title: 'seen is the highest mono ever reported, whatever the order',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(at, aLink('1'));
      for (const mono of ['2026-03', '2026-09', '2026-05']) {
        await observe(at, { marks: [mark('1', { mono, kind: mono === '2026-09' ? 'clean' : 'dirty' })] });
      }
      await observe(at, { marks: [mark('1')] });
      assert.equal((await linkOf(at.sync, '1')).seenB, '2026-09');
    },
  },
  {
    id: 'state-064',
    title: 'a clean mark moves version, mono and generation of a side that is not dirty',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(at, aLink('1', { dirtyA: 9, cleanA: 1 }));
      await observe(at, { marks: [mark('1', { kind: 'clean', version: 'v2', mono: '2026-02', gen: 4 })] });
      const after = await linkOf(at.sync, '1');
      assert.deepEqual(after.b, sideRef('b-1', { version: 'v2', mono: '2026-02', gen: 4 }));
      assert.deepEqual(after.a, sideRef('a-1'));
      assert.equal(after.dirtyB, 0);
    },
  },
  {
    id: 'state-065',
    title: 'a clean mark on a dirty side moves neither version nor mono, and does not clean it',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(at, aLink('1'));
      await observe(at, { marks: [mark('1')] });
      await observe(at, { marks: [mark('1', { kind: 'clean', version: 'v2', mono: '2026-02', gen: 4 })] });
      const after = await linkOf(at.sync, '1');
      assert.deepEqual(after.b, sideRef('b-1', { gen: 4 }));
      assert.equal(after.seenB, '2026-02');
      assert.deepEqual(await workIds(at.sync), ['1']);
    },
  },
  {
    id: 'state-066',
    title: 'a late clean mark does not take version, mono or generation back',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(at, aLink('1', { b: sideRef('b-1', { version: 'v5', mono: '2026-05', gen: 5 }) }));
      const late = { kind: 'clean' as const, version: 'v2', mono: '2026-02', gen: 2 };
      await observe(at, { marks: [mark('1', late)] });
      assert.deepEqual(
        (await linkOf(at.sync, '1')).b,
        sideRef('b-1', { version: 'v5', mono: '2026-05', gen: 5 }),
      );
    },
  },
  {
    id: 'state-067',
    title: 'a generation is kept through a put from an older read, and not taken over by another record',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(at, aLink('1'));
      const read = await linkOf(at.sync, '1');
      await observe(at, { marks: [mark('1', { kind: 'clean', gen: 6 })] });
      await putLinks(at, read);
      assert.equal((await linkOf(at.sync, '1')).b?.gen, 6);
      await putLinks(at, { ...read, b: sideRef('b-other', { gen: 2 }) });
      assert.equal((await linkOf(at.sync, '1')).b?.gen, 2);
    },
  },
  {
    id: 'state-068',
    title: 'a mark on a side that the link lacks is kept as dirty and seen',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(at, aLink('1', { b: null }));
      await observe(at, {
        marks: [mark('1', { mono: 'm1', gen: 3 }), mark('1', { kind: 'clean', version: 'v' })],
      });
      const after = await linkOf(at.sync, '1');
      assert.equal(after.b, null);
      assert.ok(after.dirtyB > after.cleanB);
      assert.equal(after.seenB, 'm1');
    },
  },
  {
    id: 'state-069',
    title: 'a dirty mark wakes a parked link; a put from before the mark does not put it back to sleep',
    async run({ state }) {
      const at = await desk(state);
      const parked = {
        class: 'item' as const,
        code: 'c',
        message: 'm',
        inputHash: 'h',
        attempts: 9,
        nextAt: null,
      };
      await putLinks(at, aLink('1', { dirtyA: 2, cleanA: 1, quarantine: parked }));
      assert.deepEqual(await workIds(at.sync), []);
      const read = await linkOf(at.sync, '1');
      await observe(at, { marks: [mark('1', { kind: 'clean', gen: 2 })] });
      assert.deepEqual(await workIds(at.sync), []);
      await observe(at, { marks: [mark('1', { side: 'a' })] });
      assert.deepEqual(await workIds(at.sync), ['1']);
      assert.equal((await at.sync.counts('lane-1', NOW)).parked, 0);
      await putLinks(at, read);
      assert.deepEqual(await workIds(at.sync), ['1']);
      await putLinks(at, await linkOf(at.sync, '1'));
      assert.deepEqual(await workIds(at.sync), []);
    },
  },
];
