import { expect, test } from 'vitest';
import { createProgress, progressText } from '../src/progress.ts';
import { emptyTally } from '../src/tally.ts';

test('the progress of a run says how far it is, how fast, and what failed', () => {
  const so = { ...emptyTally(), schedules: 12_000 };
  expect(progressText(so, 100_000, 60_000)).toBe(
    '12,000 of 100,000 schedules, 200/s, 7 min left, 0 failures',
  );
  expect(progressText({ ...so, schedules: 99_000 }, 100_000, 495_000)).toBe(
    '99,000 of 100,000 schedules, 200/s, 5 s left, 0 failures',
  );
});

test('where nobody watches, a line is written every two minutes and none at the end', () => {
  let now = 0;
  const written: string[] = [];
  const progress = createProgress(1_000, { terminal: false, write: (text) => written.push(text) }, () => now);
  for (now = 30_000; now <= 300_000; now += 30_000) progress.tell({ ...emptyTally(), schedules: now / 1000 });
  progress.end();
  expect(written.map((text) => text.split(' ')[0])).toEqual(['120', '240']);
  expect(written.every((text) => text.endsWith('\n'))).toBe(true);
});
