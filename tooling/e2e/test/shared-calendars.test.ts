import { readdirSync, readFileSync } from 'node:fs';
import { hasSlice, SHARED } from '@tidelock-tooling/openapi';
import { describe, expect, it } from 'vitest';
import {
  ann,
  calendarLane,
  DAY_MS,
  eventLinks,
  eventWrites,
  isCalm,
  mails,
  openScene,
  VENDORS,
} from '../src/calendar-scene.ts';
import { type Scene, shown } from '../src/crm-events.ts';

const FOLDER = `${SHARED}data/calendars`;
const PATIENCE_MS = 540_000;
/** Ten years at most can be looked back: two of them hold every date that these files have. */
const TIMES = [
  { when: '2012-06-04', pastDays: 3_640, futureDays: 900 },
  { when: '2026-11-23', pastDays: 3_640, futureDays: 60 },
] as const;

interface Taken {
  readonly files: number;
  readonly imported: number;
}

/** Each file into the calendar, or refused with the line that is in the way. */
function takeAll({ world }: Scene, mailboxId: string): Taken {
  let imported = 0;
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.ics'));
  for (const name of names) {
    const text = readFileSync(`${FOLDER}/${name}`, 'utf8');
    const report = world.graph.admin.importIcs(mailboxId, text);
    const lines = text.split(/\r\n|\r|\n/).length;
    expect([name, report.imported.length + report.refused.length > 0]).toEqual([name, true]);
    for (const { line, reason } of report.refused)
      expect([name, line >= 1 && line <= lines, reason.length > 10]).toEqual([name, true, true]);
    imported += report.imported.length;
  }
  return { files: names.length, imported };
}

const titleOf = (subject: string): string => subject.replace(/\s+/g, ' ').trim();

describe.each(VENDORS)('the shared calendars: %s', (vendor) => {
  it.skipIf(!hasSlice).each(TIMES)(
    'as of $when: what is imported goes into the CRM and comes back without a write [skipped: ../shared is absent]',
    async ({ when, pastDays, futureDays }) => {
      const start = Date.parse(`${when}T09:00:00Z`);
      await using scene = await openScene(vendor, {
        contacts: { sync: false },
        events: { window: { pastDays, futureDays }, private: 'full' },
        stage: { start, judged: false },
      });
      const { oracle } = scene.world.graph;
      const { files, imported } = takeAll(scene, ann(scene));
      expect(files).toBeGreaterThan(70);
      expect(imported).toBeGreaterThan(30);
      const before = JSON.stringify(oracle.events(ann(scene)));
      await scene.world.sync();
      const monday = Date.parse(`${when}T00:00:00Z`);
      const window = { start: monday - pastDays * DAY_MS, end: monday + (futureDays + 7) * DAY_MS };
      const seen = oracle.instances(ann(scene), window);
      const parked = (await eventLinks(scene)).filter(({ quarantine }) => quarantine !== null);
      // What a CRM cannot hold is said of each event.
      for (const { quarantine } of parked) expect(quarantine?.message).not.toBe('');
      expect(shown(scene).length + parked.length).toBe(seen.length);
      expect(seen.length).toBeGreaterThan(5);
      const titles = new Set(shown(scene).map(({ subject }) => titleOf(subject)));
      const missing = seen.filter(({ subject }) => !titles.has(titleOf(subject)));
      expect(missing.length).toBeLessThanOrEqual(parked.length);
      expect(await isCalm(scene)).toBe(true);
      // The same when everything is read again and both sides of every pair are compared.
      const writes = eventWrites(scene);
      await scene.world.platform().administration.reset(scene.world.person('ann').address);
      scene.world.later();
      await scene.world.engine().sync({ audit: true });
      expect(eventWrites(scene)).toEqual(writes);
      expect(writes.mailbox).toBe(0);
      expect(JSON.stringify(oracle.events(ann(scene)))).toBe(before);
      expect((await calendarLane(scene)).errorKind).toBeNull();
      expect(mails(scene)).toEqual([]);
    },
    PATIENCE_MS,
  );
});
