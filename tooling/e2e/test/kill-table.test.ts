import { describe, expect, it } from 'vitest';
import type { References } from '../src/kill/crash.ts';
import { missingRows, tableText } from '../src/kill/table.ts';
import { faultsOf, judge } from '../src/kill/verdict.ts';

const wanted = { mailbox: ['ann', 'ben', 'ben'], crm: ['ann'] };
const rest = { killed: true, idleWrites: 0, picture: wanted };

describe('what is said of a killed pass', () => {
  it('is nothing where both sides are as without a crash and the next pass is idle', () => {
    expect(faultsOf(judge(rest, wanted))).toEqual([]);
  });

  it.each([
    [
      'a record that is there twice',
      { picture: { ...wanted, crm: ['ann', 'ann'] } },
      '1 records stand there twice',
    ],
    [
      'a lost record',
      { picture: { ...wanted, mailbox: ['ann', 'ben'] } },
      '1 records are lost, or not as they should be',
    ],
    [
      'a record that nobody made',
      { picture: { ...wanted, crm: ['ann', 'eve'] } },
      '1 records are there that no run without a crash leaves',
    ],
    ['a second pass that writes', { idleWrites: 2 }, 'the pass after the restart wrote 2 times'],
    ['a point that was not reached', { killed: false }, 'the point was not reached'],
  ])('names %s', (_what, what, said) => {
    expect(faultsOf(judge({ ...rest, ...what }, wanted))).toEqual([said]);
  });

  it('has a line for each row, with what was killed, and knows the rows that were not reached', () => {
    const of: References = {
      alone: { picture: wanted, effects: ['acquireLane'], rows: [[1]], failed: new Set() },
      crew: { picture: wanted, effects: [], rows: [], failed: new Set() },
    };
    const played = [
      { point: { effect: 1, when: 'before' }, verdict: judge(rest, wanted) },
      { point: { effect: 1, when: 'after' }, verdict: judge({ ...rest, idleWrites: 3 }, wanted) },
      { point: { effect: 1, when: 'after' }, verdict: null },
    ] as const;
    const lines = tableText('sqlite', played, of).split('\n');
    expect(lines[2]?.replace(/ +/g, ' ')).toBe(' 1 takes the lease of the lane 3 1 0 0 3');
    expect(lines.slice(3, 5).map((line) => line.trim())).toEqual([
      'killed before acquireLane',
      'killed after acquireLane 2 x',
    ]);
    expect(lines[5]?.replace(/ +/g, ' ')).toBe(' 2 reads a page of a feed none');
    expect(missingRows(played, of)).toHaveLength(17);
  });
});
