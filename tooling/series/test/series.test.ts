import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createComparison, type Verdict } from '../src/compare.ts';
import { independentView } from '../src/independent.ts';
import { randomSeries } from '../src/random-series.ts';

/** As many as `npm test` has time for; `npm run series` plays a hundred thousand. */
const COUNT = 400;

async function play(first: number): Promise<readonly Verdict[]> {
  const compare = createComparison();
  const verdicts: Verdict[] = [];
  for (let seed = first; seed < first + COUNT; seed += 1) verdicts.push(await compare(seed));
  return verdicts;
}

describe('the emulated calendar', () => {
  it.each([
    ['fixed', 1],
    ['fresh', randomInt(2 ** 30)],
  ])(
    'shows random series as rrule and Temporal do (%s seeds from %i)',
    async (_kind, first) => {
      const verdicts = await play(first);
      expect(verdicts.filter(({ kind }) => kind === 'different')).toEqual([]);
      const rows = verdicts.reduce((sum, verdict) => sum + (verdict.kind === 'equal' ? verdict.rows : 0), 0);
      expect(rows).toBeGreaterThan(COUNT * 5);
    },
    60_000,
  );
});

describe('the random series', () => {
  const many = Array.from({ length: 3000 }, (_, seed) => randomSeries(seed));
  const share = (has: (series: (typeof many)[number]) => boolean) => many.filter(has).length / many.length;

  it('cover every type, range, whole days, changed and cancelled dates', () => {
    for (const type of [
      'daily',
      'weekly',
      'absoluteMonthly',
      'relativeMonthly',
      'absoluteYearly',
      'relativeYearly',
    ])
      expect(share(({ pattern }) => pattern.type === type)).toBeGreaterThan(0.1);
    for (const type of ['endDate', 'noEnd', 'numbered'])
      expect(share(({ range }) => range.type === type)).toBeGreaterThan(0.2);
    expect(share(({ isAllDay }) => isAllDay)).toBeGreaterThan(0.1);
    expect(share(({ moved }) => moved.length > 0)).toBeGreaterThan(0.15);
    expect(share(({ cancelled }) => cancelled.length > 0)).toBeGreaterThan(0.15);
  });

  it('show the night of a clock change, and windows with and without dates', () => {
    const views = many.map((series) => ({ series, rows: independentView(series) }));
    const changes = views.filter(({ series, rows }) =>
      rows.some(({ start, end, type }) => {
        const minutes = (Date.parse(`${end}Z`) - Date.parse(`${start}Z`)) / 60_000;
        return type === 'occurrence' && series.zone === series.viewer.zone && minutes !== series.length;
      }),
    );
    expect(changes.length).toBeGreaterThan(0);
    expect(views.filter(({ rows }) => rows.length === 0).length).toBeGreaterThan(100);
    expect(views.filter(({ rows }) => rows.length > 20).length).toBeGreaterThan(200);
  });
});
