import { describe, expect, it } from 'vitest';
import {
  ann,
  calendarOf,
  calendarSubjects,
  type EventRulesInput,
  eventLinks,
  eventReviews,
  invited,
  isCalm,
  mails,
  meet,
  openScene,
  settle,
  VENDORS,
} from '../src/calendar-scene.ts';
import { describeAnew, makeAtCrm, removeAtCrm, type Scene, shown, shownAs } from '../src/crm-events.ts';

/** Thousands of events, on a machine that does other things too. */
const PATIENCE_MS = 540_000;
const HISTORY = 2_000;
const DAY_MS = 86_400_000;
const TODAY = Date.parse('2026-11-23T00:00:00Z');

/** People travel both ways, and Exchange may write to anybody: nothing but the rule of the first sync is left. */
const LOOSE: EventRulesInput = {
  notify: 'send',
  window: { pastDays: 400, futureDays: 60 },
  mappingExtra: [{ field: 'people', mailbox: 'people', crm: 'people', direction: 'both', merge: 'set' }],
};

const hourOf = (n: number): string =>
  new Date(TODAY - (1 + Math.floor(n / 8)) * DAY_MS + (8 + (n % 8)) * 3_600_000).toISOString().slice(0, 19);

const addresses = (n: number): readonly string[] => [
  `guest${n % 50}@customer.example`,
  `guest${(n + 1) % 50}@customer.example`,
];

describe.each(VENDORS)('mail: %s', (vendor) => {
  it(
    `AC-03 a first sync of ${HISTORY} past meetings with attendees in the CRM sends nothing and makes none of them in Outlook`,
    async () => {
      await using scene = await openScene(vendor, { events: LOOSE, stage: { judged: false } });
      const guests = Array.from({ length: 50 }, (_, n) =>
        scene.world.crm.create({ lastName: `Guest ${n}`, email: `guest${n}@customer.example` }),
      );
      for (let n = 0; n < HISTORY; n += 1) {
        const start = hourOf(n);
        makeAtCrm(scene, {
          subject: `Met ${n}`,
          start: `${start}Z`,
          end: `${start.slice(0, 14)}30:00Z`,
          guests: [guests[n % 50] ?? '', guests[(n + 1) % 50] ?? ''],
        });
      }
      await settle(scene);
      expect(mails(scene)).toEqual([]);
      expect(calendarOf(scene)).toEqual([]);
      expect(shown(scene)).toHaveLength(HISTORY);
      expect((await eventLinks(scene)).filter(({ status }) => status === 'out')).toHaveLength(HISTORY);
    },
    PATIENCE_MS,
  );

  it(
    `AC-03 a first sync of ${HISTORY} past meetings with attendees in Outlook makes them in the CRM and sends nothing`,
    async () => {
      await using scene = await openScene(vendor, { events: LOOSE, stage: { judged: false } });
      for (let n = 0; n < 50; n += 1)
        scene.world.crm.create({ lastName: `Guest ${n}`, email: `guest${n}@customer.example` });
      scene.world.graph.admin.seedEvents(
        ann(scene),
        Array.from({ length: HISTORY }, (_, n) => {
          const start = hourOf(n);
          const at = (dateTime: string) => ({ dateTime, timeZone: 'UTC' });
          return {
            subject: `Met ${n}`,
            start: at(start),
            end: at(`${start.slice(0, 14)}30:00`),
            attendees: invited(...addresses(n)),
          };
        }),
      );
      await settle(scene);
      expect(mails(scene)).toEqual([]);
      expect(shown(scene)).toHaveLength(HISTORY);
      expect(new Set(shown(scene).map(({ subject }) => subject)).size).toBe(HISTORY);
      expect(calendarOf(scene)).toHaveLength(HISTORY);
    },
    PATIENCE_MS,
  );
});

const MEETINGS = 6;
const THREE = ['one@customer.example', 'two@customer.example', 'three@customer.example'];

/** Meetings with three guests each, in step on both sides. */
async function withMeetings(scene: Scene): Promise<void> {
  for (let n = 0; n < MEETINGS; n += 1)
    meet(scene, { subject: `Meeting ${n}`, day: `2027-01-1${n}`, more: { attendees: invited(...THREE) } });
  await settle(scene);
}

/** Somebody at the CRM changes all of them, and throws the last one away. */
function disturb(scene: Scene): void {
  for (let n = 0; n < MEETINGS - 1; n += 1) {
    const { id } = shownAs(scene, `Meeting ${n}`);
    describeAnew(scene, id, `Agenda ${n}`);
    scene.world.crm.updateEvent(id, { location: `Room ${n}` });
  }
  removeAtCrm(scene, shownAs(scene, `Meeting ${MEETINGS - 1}`).id);
}

describe.each(VENDORS)('what a run may cause: %s', { timeout: PATIENCE_MS }, (vendor) => {
  it('AC-02 under the policy "hold" nobody is told of any change of the CRM, and each of them is listed', async () => {
    await using scene = await openScene(vendor, { events: { notify: 'hold' } });
    await withMeetings(scene);
    disturb(scene);
    await settle(scene, 4);
    expect(mails(scene)).toEqual([]);
    expect(calendarSubjects(scene)).toHaveLength(MEETINGS);
    expect(calendarOf(scene).every(({ text }) => !text.includes('Agenda'))).toBe(true);
    const held = (await eventReviews(scene)).filter(({ kind }) => kind === 'parked');
    expect(held).toHaveLength(MEETINGS);
    for (const { reasons } of held) expect(reasons.join(' ')).toContain('would notify 3 people');
    expect(await isCalm(scene)).toBe(true);
  });

  it.each([0, 4, 7])(
    'AC-02 with a budget of %d a run never tells more people, also in the runs after it',
    async (budget) => {
      await using scene = await openScene(vendor, {
        events: { notify: 'send', mailBudget: budget },
        stage: { mails: budget },
      });
      await withMeetings(scene);
      expect(mails(scene)).toEqual([]);
      disturb(scene);
      await settle(scene, 4);
      // Meetings are told whole or not at all.
      expect(mails(scene)).toHaveLength(Math.floor(budget / THREE.length) * THREE.length);
      const held = (await eventReviews(scene)).filter(({ kind }) => kind === 'parked');
      expect(held).toHaveLength(MEETINGS - Math.floor(budget / THREE.length));
      expect(await isCalm(scene)).toBe(true);
    },
  );

  it('AC-02 under the policy "crm-only" nothing of the CRM is made where people would be told', async () => {
    await using scene = await openScene(vendor, { events: { notify: 'crm-only' } });
    await withMeetings(scene);
    disturb(scene);
    await settle(scene, 3);
    expect(mails(scene)).toEqual([]);
    expect((await eventReviews(scene)).filter(({ kind }) => kind === 'parked')).toEqual([]);
    expect(calendarSubjects(scene)).toHaveLength(MEETINGS);
    expect(await isCalm(scene)).toBe(true);
  });
});
