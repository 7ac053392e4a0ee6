import { describe, expect, it } from 'vitest';
import {
  ann,
  CUSTOMERS,
  calendarOf,
  calendarSubjects,
  configureScene,
  eventLinks,
  eventWrites,
  invited,
  isCalm,
  mails,
  meet,
  openScene,
  settle,
  VENDORS,
  why,
} from '../src/calendar-scene.ts';
import {
  colleaguesOf,
  describeAnew,
  guestsOf,
  makeAtCrm,
  type Scene,
  shownAs,
  subjects,
} from '../src/crm-events.ts';

/** Five mailboxes, each of them read several times. */
const PATIENCE_MS = 240_000;

/** Requests that name an event of one mailbox under another mailbox's address. */
function watchForeignIds({ world }: Scene): () => readonly string[] {
  const foreign: string[] = [];
  const owners = new Map<string, string>();
  world.graph.log.on(({ method, path }) => {
    for (const { mailboxId } of Object.values(world.stage.people))
      for (const { id, immutableId } of world.graph.oracle.events(mailboxId))
        owners.set(id, mailboxId).set(immutableId, mailboxId);
    const [, user = '', id = ''] =
      /\/users\/([^/]+)\/(?:calendars?\/[^/]*\/?)?events\/([^/?]+)/.exec(decodeURIComponent(path)) ?? [];
    const owner = owners.get(id);
    if (owner !== undefined && owner !== user) foreign.push(`${method} ${path}`);
  });
  return () => foreign;
}

const EVERYBODY = ['ann', 'ben', 'cem', 'dag', 'eve'] as const;

describe.each(VENDORS)('customers and colleagues: %s', (vendor) => {
  it('AC-01 a filter that is tightened leaves both copies of a meeting, mails nobody, and names the filter once', async () => {
    const filter = (...places: string[]) => ({ filter: [{ field: 'location', in: places }] });
    await using scene = await openScene(vendor, { events: filter('Berlin', 'Bonn') });
    for (const [subject, place] of [
      ['Stays', 'Berlin'],
      ['Leaves', 'Bonn'],
    ] as const)
      meet(scene, {
        subject,
        day: '2027-01-12',
        more: { attendees: invited(...CUSTOMERS), location: { displayName: place } },
      });
    await scene.world.sync();
    expect(subjects(scene)).toEqual(['Leaves', 'Stays']);
    const [before, said] = [eventWrites(scene), scene.world.logged.length];
    await configureScene(scene, { events: filter('Berlin') });
    await settle(scene);
    expect(eventWrites(scene)).toEqual(before);
    expect(subjects(scene)).toEqual(['Leaves', 'Stays']);
    expect(calendarSubjects(scene)).toEqual(['Leaves', 'Stays']);
    expect(mails(scene)).toEqual([]);
    const lines = scene.world.logged.slice(said).filter(({ event }) => event === 'scope.left');
    expect(lines.map(({ data }) => data)).toMatchObject([
      { pairs: 1, rule: expect.stringContaining('Berlin') },
    ]);
    expect((await eventLinks(scene)).map(({ status }) => status).sort()).toEqual(['live', 'out']);
    expect(await why(scene, 'Leaves')).toContain('takes only records where "location" is Berlin');
  });

  it('AC-03 history of the CRM is not made in Outlook where people took part, and mails nobody', async () => {
    await using scene = await openScene(vendor);
    const guest = scene.world.crm.create({ lastName: 'Guest', email: 'guest@customer.example' });
    const days = Array.from({ length: 20 }, (_, n) => `2026-11-${String(n + 2).padStart(2, '0')}`);
    const ids = days.map((day) =>
      makeAtCrm(scene, {
        subject: `Met on ${day}`,
        start: `${day}T09:00:00Z`,
        end: `${day}T10:00:00Z`,
        guests: [guest],
      }),
    );
    // In both calendars: linked, not made again.
    meet(scene, { subject: 'Own past', day: '2026-11-19', more: { attendees: invited(...CUSTOMERS) } });
    await settle(scene, 3);
    expect(calendarSubjects(scene)).toEqual(['Own past']);
    expect(subjects(scene)).toHaveLength(days.length + 1);
    expect(mails(scene)).toEqual([]);
    expect(await why(scene, ids[3] ?? '')).toContain('it is over');
    expect(await isCalm(scene)).toBe(true);
  });

  it('AC-06 two calendars over one CRM: an event goes to each once, and nothing echoes', async () => {
    await using scene = await openScene(vendor, { mailboxes: ['ann', 'ben'] });
    const { admin } = scene.world.graph;
    const own = meet(scene, { subject: "Ann's", day: '2027-01-12' });
    meet(scene, { subject: "Ben's", day: '2027-01-13', by: 'ben' });
    await settle(scene, 3);
    const expected = ["Ann's", "Ben's"];
    const everywhere = () => [
      subjects(scene),
      ...['ann', 'ben'].map((name) => calendarSubjects(scene, name)),
    ];
    expect(everywhere()).toEqual([expected, expected, expected]);
    expect(await isCalm(scene)).toBe(true);
    admin.updateEvent(ann(scene), own.immutableId, { subject: "Ann's, later" });
    await settle(scene, 3);
    expect(everywhere()).toEqual(Array.from({ length: 3 }, () => ["Ann's, later", "Ben's"]));
    expect(await isCalm(scene)).toBe(true);
  });

  it.each([
    ['the organizer first', ['ann', 'ben', 'cem', 'dag', 'eve']],
    ['the organizer last', ['eve', 'dag', 'cem', 'ben', 'ann']],
  ])(
    'AC-09 one meeting of five mailboxes, %s, is one event with everybody on it',
    async (_order, mailboxes) => {
      await using scene = await openScene(vendor, { mailboxes });
      const others = ['ben', 'cem', 'dag', 'eve'];
      const guests = [...others.map((name) => scene.world.person(name).address), 'carla@fabrikam.example'];
      scene.world.crm.create({ lastName: 'Carla', email: 'carla@fabrikam.example' });
      meet(scene, { subject: 'All hands', day: '2027-01-12', more: { attendees: invited(...guests) } });
      for (const name of others) expect(calendarOf(scene, name)).toHaveLength(1);
      await settle(scene, 3);
      expect(subjects(scene)).toEqual(['All hands']);
      const { id, owner } = shownAs(scene, 'All hands');
      const users = mailboxes.map((name) => scene.world.person(name).crmUserId);
      expect(users).toContain(owner);
      expect([...colleaguesOf(scene, id), owner]).toEqual(
        expect.arrayContaining(others.map((name) => scene.world.person(name).crmUserId)),
      );
      expect(guestsOf(scene, id)).toEqual(['carla@fabrikam.example']);
      for (const name of mailboxes) {
        const live = (await eventLinks(scene, name)).filter(({ status }) => status === 'live');
        expect(live.map(({ b }) => b?.id)).toEqual([id]);
      }
      expect(mails(scene)).toEqual([]);
      expect(await isCalm(scene)).toBe(true);
    },
    PATIENCE_MS,
  );

  it('AC-09 a plan counts one meeting of five mailboxes as one event of the CRM, and is carried out as it says', async () => {
    await using scene = await openScene(vendor, { mailboxes: EVERYBODY, contacts: { sync: false } });
    const guests = EVERYBODY.slice(1).map((name) => scene.world.person(name).address);
    meet(scene, { subject: 'All hands', day: '2027-01-12', more: { attendees: invited(...guests) } });
    meet(scene, { subject: 'Alone', day: '2027-01-13', by: 'eve' });
    const plans = await scene.world.plan();
    const steps = (action: string) =>
      plans.flatMap(({ plan }) => plan.filter((row) => row.action === action).map(({ title }) => title));
    expect(steps('create').toSorted()).toEqual(['All hands', 'Alone']);
    expect(steps('link')).toEqual(['All hands', 'All hands', 'All hands', 'All hands']);
    const [link] = plans.flatMap(({ plan }) => plan.filter((row) => row.action === 'link'));
    expect(link?.match?.reasons.join()).toMatch(/^the same record that .+ \(calendar\) makes$/);
    // Equal worlds give equal plans, whichever calendar has its turn first.
    const byLane = (of: typeof plans) => new Map(of.map(({ laneId, plan }) => [laneId, plan]));
    expect(byLane(await scene.world.plan())).toEqual(byLane(plans));
    const apply = async () => {
      const { fates, lanes } = await scene.world.engine().apply(byLane(plans));
      const made = lanes.reduce((sum, { counts }) => sum + counts.created, 0);
      return { made, fates: fates.flatMap(({ rows }) => rows.map(({ fate }) => fate)).toSorted() };
    };
    const first = await apply();
    expect(first.made).toBe(2);
    // A store may tell of what one calendar has made a little later: the others are open until it does.
    expect(new Set(first.fates)).toEqual(new Set(vendor === 'hubspot' ? ['done', 'open'] : ['done']));
    scene.world.later();
    const second = await apply();
    expect(second.made).toBe(0);
    expect(second.fates.every((fate) => fate === 'done' || fate === 'already')).toBe(true);
    expect(subjects(scene)).toEqual(['All hands', 'Alone']);
    await settle(scene);
    expect(subjects(scene)).toEqual(['All hands', 'Alone']);
    expect(await isCalm(scene)).toBe(true);
  });

  it("AC-10 the attendee's copy is read first: each mailbox keeps its own id, and only the organizer's copy is written", async () => {
    await using scene = await openScene(vendor, {
      mailboxes: ['ben'],
      events: { notify: 'send' },
      stage: { mailboxes: ['ann', 'ben'], mails: 1 },
    });
    const foreign = watchForeignIds(scene);
    const attendees = invited(scene.world.person('ben').address);
    meet(scene, { subject: 'Together', day: '2027-01-12', more: { attendees } });
    await settle(scene);
    // Nobody who could change it takes part yet: an edit in the CRM stays there.
    const { id } = shownAs(scene, 'Together');
    describeAnew(scene, id, 'Agenda');
    await settle(scene);
    expect(calendarOf(scene, 'ben')[0]?.text).not.toContain('Agenda');
    await configureScene(scene, { mailboxes: ['ann', 'ben'], events: { notify: 'send' } });
    await settle(scene, 3);
    expect(subjects(scene)).toEqual(['Together']);
    expect(shownAs(scene, 'Together').id).toBe(id);
    // The first sync of the organizer's calendar tells nobody what was written in the CRM before it.
    expect(mails(scene)).toEqual([]);
    expect(await why(scene, 'Together')).toContain('nobody gets mail because of a first sync');
    describeAnew(scene, id, 'Agenda, at last');
    await settle(scene, 3);
    for (const name of ['ann', 'ben']) expect(calendarOf(scene, name)[0]?.text).toContain('Agenda, at last');
    const written = scene.world.graph.oracle.writes().map(({ userId }) => userId);
    expect(new Set(written)).toEqual(new Set([ann(scene)]));
    expect(mails(scene).map(({ kind, to }) => [kind, to])).toEqual([
      ['update', scene.world.person('ben').address],
    ]);
    expect(foreign()).toEqual([]);
    expect(await isCalm(scene)).toBe(true);
  });

  it('AC-12 a copy of a synced meeting is an event of its own, and deleting it leaves the original alone', async () => {
    await using scene = await openScene(vendor);
    const { admin } = scene.world.graph;
    // Made by the product, so it carries the product's hidden mark.
    const id = makeAtCrm(scene, {
      subject: 'Original',
      start: '2027-01-12T09:00:00Z',
      end: '2027-01-12T10:00:00Z',
    });
    await scene.world.sync();
    const [original] = calendarOf(scene, 'ann');
    expect(original?.extended).toHaveLength(1);
    // Before that a copy cannot be told from a repeated create of ours that landed late (R5 of the residual risks).
    scene.world.later(1_440);
    await scene.world.sync();
    const copy = admin.copyEvent(ann(scene), original?.id ?? '');
    admin.updateEvent(ann(scene), copy.id, { subject: 'Copy' });
    await settle(scene, 3);
    expect(subjects(scene)).toEqual(['Copy', 'Original']);
    admin.deleteEvent(ann(scene), copy.id);
    await settle(scene, 3);
    expect(subjects(scene)).toEqual(['Original']);
    expect(shownAs(scene, 'Original').id).toBe(id);
    describeAnew(scene, id, 'Still one pair');
    await settle(scene, 2);
    expect(calendarOf(scene, 'ann')[0]).toMatchObject({ id: original?.id });
    expect(calendarOf(scene, 'ann')[0]?.text).toContain('Still one pair');
    expect(await isCalm(scene)).toBe(true);
  });
});
