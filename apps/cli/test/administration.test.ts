import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bench, createBench, EXIT } from './fake-sides.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.dispose());

const person = (n: number, city = 'Kiel') => ({
  familyName: `Family${n}`,
  email: `person${n}@example.com`,
  phone: `+1202555${1000 + n}`,
  city,
});

async function configure(change: (text: string) => string): Promise<void> {
  const file = join(bench.path, 'tidelock.yaml');
  await writeFile(file, change(await readFile(file, 'utf8')));
}

const FILTERED = `profiles:
  north:
    contacts:
      records: all
      filter: [{ field: city, in: [Kiel, Bonn] }]
`;
const follow = (profile: string) => (text: string) =>
  text.replace('records: all }]', `profile: ${profile} }]`) + FILTERED;

const writes = (): number => (bench.sides.a.requests?.() ?? 0) + (bench.sides.b.requests?.() ?? 0);

test('pause and resume: nothing is read meanwhile, status and why say who and why, the trail keeps both', async () => {
  await bench.sides.b.oracle.userCreate(person(1));
  await bench.tidelock('sync');
  const paused = await bench.tidelock('pause ann@contoso.example --reason moving');
  expect(paused.out).toContain('Paused 1 mailbox: ann@contoso.example.');
  expect((await bench.tidelock('pause --all')).out).toContain('paused already');
  await bench.sides.b.oracle.userCreate(person(2));
  const sync = await bench.tidelock('sync');
  expect(sync.code).toBe(EXIT.ok);
  expect(sync.out).toContain('tidelock resume ann@contoso.example');
  expect(await bench.sides.a.oracle.all()).toHaveLength(1);
  const status = await bench.tidelock('status');
  expect(status.code).toBe(EXIT.ok);
  expect(status.out).toMatch(/paused {2}ann@contoso.example: by .+ for .+ \(moving\).*; nothing is lost/);
  expect((await bench.tidelock('why person1@example.com')).out).toMatch(
    /was\s+paused by .+ on .+ \(moving\)/,
  );
  expect((await bench.tidelock('resume ann@contoso.example')).code).toBe(EXIT.ok);
  await bench.tidelock('sync');
  expect(await bench.sides.a.oracle.all()).toHaveLength(2);
  const { acts } = (await bench.tidelock('audit --json')).json() as { acts: { act: string; who: string }[] };
  expect(acts.map(({ act }) => act)).toEqual(['resume', 'pause', 'mailbox.assigned', 'profile.added']);
  expect(acts.every(({ who }) => who !== '')).toBe(true);
});

test('pausing nobody, or somebody unknown, is bad input', async () => {
  await bench.tidelock('sync');
  expect((await bench.tidelock('pause')).code).toBe(EXIT.input);
  expect((await bench.tidelock('resume ann@contoso.example --all')).code).toBe(EXIT.input);
  const unknown = await bench.tidelock('pause eve@contoso.example');
  expect(unknown.code).toBe(EXIT.input);
  expect(unknown.err).toContain('Known: ann@contoso.example');
});

test('AC-05 reset drops cursors and no pair; the second one changes nothing', async () => {
  for (let n = 0; n < 12; n++) await bench.sides.b.oracle.userCreate(person(n));
  await bench.tidelock('sync');
  for (let turn = 0; turn < 2; turn++) {
    expect((await bench.tidelock('reset ann@contoso.example')).out).toContain('All pairs stay');
    if (turn === 1) expect((await bench.tidelock('reset ann@contoso.example')).code).toBe(EXIT.ok);
    const { lanes } = (await bench.tidelock('sync --json')).json() as { lanes: { counts: object }[] };
    expect(lanes[0]?.counts).toMatchObject({ created: 0, updated: 0, deleted: 0, linked: 0 });
  }
  expect(await bench.sides.a.oracle.all()).toHaveLength(12);
  expect((await bench.tidelock('audit')).out.match(/reset/g)).toHaveLength(3);
});

test('AC-01 a tighter filter freezes: both copies stay, why names profile and rule, widening goes on', async () => {
  await configure(follow('north'));
  for (const [n, city] of ['Kiel', 'Bonn', 'Kiel'].entries())
    await bench.sides.b.oracle.userCreate(person(n, city));
  await bench.tidelock('sync');
  expect(await bench.sides.a.oracle.all()).toHaveLength(3);
  await configure((text) => text.replace('in: [Kiel, Bonn]', 'in: [Kiel]'));
  const { lanes } = (await bench.tidelock('sync --json')).json() as { lanes: { counts: object }[] };
  expect(lanes[0]?.counts).toMatchObject({ created: 0, updated: 0, deleted: 0 });
  expect(await bench.sides.a.oracle.all()).toHaveLength(3);
  expect(await bench.sides.b.oracle.all()).toHaveLength(3);
  const why = (await bench.tidelock('why person1@example.com')).out.replace(/\s+/g, ' ');
  expect(why).toContain('profile "north" takes only records where "city" is Kiel');
  expect(why).toContain('That never deletes anything');
  const trail = (await bench.tidelock('audit')).out;
  expect(trail).toMatch(/profile\.changed +north +contacts\.filter: .*Bonn.* → .*Kiel/);
  const second = (await bench.sides.b.oracle.all()).find(({ fields }) => fields.city === 'Bonn');
  await bench.sides.b.oracle.userUpdate(second?.id ?? '', { phone: '+12025559999' });
  await bench.tidelock('sync');
  expect((await bench.sides.a.oracle.all()).map(({ fields }) => fields.phone)).not.toContain('+12025559999');
  await configure((text) => text.replace('in: [Kiel]', 'not: [Ulm]'));
  await bench.tidelock('sync');
  expect((await bench.sides.a.oracle.all()).map(({ fields }) => fields.phone)).toContain('+12025559999');
  expect(await bench.sides.a.oracle.all()).toHaveLength(3);
});

test('profiles: list, rules of one mailbox, and every mistake of a file at once', async () => {
  await configure(follow('north'));
  await bench.tidelock('sync');
  const list = await bench.tidelock('profiles');
  expect(list.out).toMatch(/north +1 +both ways +all +"city" is one of Kiel, Bonn +any/);
  const shown = await bench.tidelock('profiles show --mailbox ann@contoso.example');
  expect(shown.out).toContain('ann@contoso.example follows profile "north", by address.');
  expect((await bench.tidelock('profiles show nowhere')).code).toBe(EXIT.input);
  expect((await bench.tidelock('profiles check')).code).toBe(EXIT.ok);
  await configure((text) => text.replace('field: city', 'field: nowhere'));
  const checked = await bench.tidelock('profiles check');
  expect(checked.code).toBe(EXIT.blocked);
  expect(checked.out).toContain('filters by "nowhere"');
  await configure(
    (text) =>
      `${text.replace('profile: north', 'profile: nort').replace('records: all', 'direction: crm>mailbox\n      create: { crm: true }')}assign: [{ profile: north }, { profile: north, group: g, mailboxes: [x@contoso.example] }]\n`,
  );
  const { err } = await bench.tidelock('profiles check');
  for (const text of ['Did you mean "north"?', 'names no mailbox', 'names both', 'contradicts direction'])
    expect(err).toContain(text);
});

test('mailboxes: profile, rule and CRM user of each, and a person decides whose it is', async () => {
  await bench.tidelock('sync');
  const before = writes();
  const listed = await bench.tidelock('mailboxes');
  expect(listed.out).toMatch(
    /ann@contoso.example .* default +default +ann@contoso.example +address = email +takes part/,
  );
  expect(writes()).toBe(before);
  expect((await bench.tidelock('mailboxes match ann@contoso.example')).code).toBe(EXIT.input);
  const decided = await bench.tidelock('mailboxes match ann@contoso.example boss@contoso.example');
  expect(decided.out).toContain('belongs to boss@contoso.example');
  expect((await bench.tidelock('audit')).out).toMatch(
    /mailbox\.decided +ann@contoso.example +boss@contoso.example/,
  );
});

test('a mailbox that nobody in the CRM owns is a question, and the answer takes it in', async () => {
  await configure((text) =>
    text.replace('records: all }]', 'records: all }, { address: nobody@contoso.example }]'),
  );
  expect((await bench.tidelock('sync')).code).toBe(EXIT.partial);
  const asked = await bench.tidelock('review');
  expect(asked.out).toContain('Mailboxes without an owner  1');
  expect(asked.out).toMatch(/nobody@contoso.example\n(.|\n)*→ tidelock review decide nobody@c <CRM user>/);
  const before = writes();
  const shown = await bench.tidelock('review show nobody@c');
  expect(shown.out).toContain('Whose mailbox is this in the CRM?');
  expect(writes()).toBe(before);
  const decided = await bench.tidelock('review decide nobody@c boss@contoso.example');
  expect(decided.out).toContain('nobody@contoso.example belongs to boss@contoso.example');
  expect((await bench.tidelock('audit')).out).toMatch(/mailbox\.decided +nobody@contoso.example/);
  expect((await bench.tidelock('sync')).code).toBe(EXIT.ok);
  expect((await bench.tidelock('review')).out).toContain('Nothing waits for a decision.');
});
