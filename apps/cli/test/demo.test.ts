import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { CalendarStory } from '../src/demo/calendar-act.ts';
import type { Check } from '../src/demo/checks.ts';
import type { Happening } from '../src/demo/happenings.ts';
import { loadPeople } from '../src/demo/people.ts';
import { createPopulation } from '../src/demo/population.ts';
import { run, type Terminal } from '../src/index.ts';

const SHARED = fileURLToPath(new URL('../../../../shared/data/vcards', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'demo-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Document {
  readonly ok: boolean;
  readonly exitCode: number;
  readonly idleWrites: number;
  readonly people: { readonly pairs: number; readonly twice: number; readonly doubtful: number };
  readonly plan: { readonly contacts: { readonly linked: number }; readonly emails: number };
  readonly first: { readonly contacts: { readonly linked: number }; readonly settled: boolean };
  readonly calendar: CalendarStory;
  readonly contacts: readonly { loaded: number; problems: readonly { card: number; reason: string }[] }[];
  readonly happenings: readonly Happening[];
  readonly reviews: readonly { readonly reasons: readonly string[] }[];
  readonly checks: readonly Check[];
}

async function demo(words: readonly string[], signal = new AbortController().signal) {
  let [out, err] = ['', ''];
  const terminal: Terminal = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    outIsTty: false,
    errIsTty: false,
    columns: 100,
    readInput: async () => '',
    ask: null,
  };
  const code = await run(['demo', ...words], { terminal, env: {}, cwd: folder, signal });
  return { code, out, err };
}

let told: ReturnType<typeof demo> | undefined;
/** Told once: the same seed tells the same. */
const tellOnce = (): ReturnType<typeof demo> => {
  told ??= demo(['--once', '--json']);
  return told;
};

const equalToOracles = (document: Document): void => {
  for (const { what, told, oracle } of document.checks) expect(`${what}: ${told}`).toBe(`${what}: ${oracle}`);
  expect(document.checks).toHaveLength(21);
};

/** Nine meetings of Anna's that everybody may see, one each of Ben and Chloe. */
const calendarIsInStep = ({ calendar, checks, plan }: Document): void => {
  const told = Object.fromEntries(checks.map((check) => [check.what, check.told]));
  expect(told).toMatchObject({
    'events in the CRM': 11,
    'events in step': 11,
    'events created in mailboxes': 0,
    'events changed in mailboxes': 1,
    'e-mails sent': 0,
  });
  expect(calendar.happenings).toMatchObject([
    { who: 'Account planning', side: 'a', op: 'update', field: 'location', new: 'Room 216', rule: 'b>a' },
  ]);
  expect(calendar.withheld).toMatchObject([{ meeting: 'Budget hearing', people: 3, policy: 'hold' }]);
  expect(calendar.withheld[0]?.why).toContain('would notify 3 people: the policy is to hold these.');
  expect([calendar.emailsSent, plan.emails]).toEqual([0, 0]);
};

describe('the demo', () => {
  it('prints numbers that the services hold, and writes nothing in a second pass', async () => {
    const { code, out } = await tellOnce();
    const document = JSON.parse(out) as Document;
    equalToOracles(document);
    expect(document).toMatchObject({ ok: true, exitCode: 0, idleWrites: 0, first: { settled: true } });
    // Who is in two mailboxes is found in the CRM under the other owner, and linked.
    expect(document.plan.contacts.linked).toBe(document.people.pairs + document.people.twice);
    expect(document.first.contacts.linked).toBe(document.plan.contacts.linked);
    expect(code).toBe(0);
  });

  it('says the same with HubSpot, edits and all: a contact deleted here stays deleted there', async () => {
    const { code, out } = await demo(['--crm', 'hubspot', '--json']);
    const document = JSON.parse(out) as Document;
    equalToOracles(document);
    expect(document).toMatchObject({ crm: 'hubspot', ok: true, exitCode: 0, idleWrites: 0 });
    const kinds = document.happenings.map(({ side, op, rule }) => `${side} ${op} ${rule}`);
    expect(kinds).toHaveLength(8);
    expect(kinds).toContain('b delete deleted on a');
    calendarIsInStep(document);
    expect(code).toBe(0);
  });

  it('keeps a calendar in step, and tells which mails would have left and why none did', async () => {
    calendarIsInStep(JSON.parse((await tellOnce()).out) as Document);
  });

  it('carries each edit, keeps both of two fields, and names winner and loser of a conflict', async () => {
    const { happenings } = JSON.parse((await tellOnce()).out) as Document;
    const kinds = happenings.map(({ side, op, field, rule }) => [side, op, field, rule]);
    expect(kinds).toEqual([
      ['b', 'update', 'jobTitle', 'a>b'],
      ['a', 'update', 'mobilePhone', 'b>a'],
      ['b', 'update', 'mobilePhone', 'a>b'],
      ['a', 'update', 'department', 'b>a'],
      ['a', 'conflict', 'jobTitle', 'conflict:master'],
      ['b', 'delete', null, 'deleted on a'],
      ['b', 'create', null, 'new on a'],
      ['a', 'create', null, 'new on b'],
    ]);
    expect(happenings[4]).toMatchObject({ old: 'Ranking Member', new: 'Vice Chair' });
    expect(happenings[2]?.who).toBe(happenings[3]?.who);
  });

  it("loads the good vCards of a file, names the bad one, and holds with another seed: doubtful pairs are a person's", async () => {
    const file = join(folder, 'some.vcf');
    const card = (...lines: string[]): string => ['BEGIN:VCARD', ...lines, 'END:VCARD', ''].join('\r\n');
    const cards = [
      card('VERSION:3.0', 'N:Berg;Ida;;;', 'EMAIL:ida@example.com'),
      card('VERSION:3.0', 'rubbish'),
      card('VERSION:2.1', 'N:Lind;Per', 'TEL;WORK:202-555-0101'),
    ];
    writeFileSync(file, cards.join(''));
    const { code, out } = await demo(['--json', '--seed', '2026', '--contacts', file]);
    const document = JSON.parse(out) as Document;
    expect(document.contacts[0]).toMatchObject({ loaded: 2, problems: [{ card: 2 }] });
    equalToOracles(document);
    expect(document.reviews).toHaveLength(document.people.doubtful);
    expect(document.people.doubtful).toBe(3);
    const apart = document.checks.find(({ what }) => what.startsWith('doubtful'));
    expect(apart).toMatchObject({ told: 3, oracle: 3 });
    expect(code).toBe(0);
    expect((await demo(['--once', '--contacts', 'nowhere.vcf'])).code).toBe(2);
  });

  it('refuses an unknown CRM with the list, and a folder that is in use', async () => {
    const other = await demo(['--once', '--crm', 'paper']);
    expect(other.code).toBe(2);
    expect(other.err).toContain('One of: salesforce, hubspot.');
    writeFileSync(join(folder, 'here.txt'), '');
    expect((await demo(['--once', '--dir', folder])).err).toContain('is not empty');
  });

  it('tells its story in aligned lines, without colour where there is no terminal, and keeps --dir', async () => {
    const kept = join(folder, 'kept');
    const { code, out } = await demo(['--once', '--dir', kept]);
    expect(code).toBe(0);
    expect(out).not.toContain('\u001b');
    for (const text of [
      '0 writes, counted at the services',
      'Vice Chair wins over Ranking Member',
      '3 e-mails would have left: "Budget hearing" to 3 people: withheld, policy hold',
      '0 e-mails left, counted at the services',
      'equal',
    ])
      expect(out).toContain(text);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(132);
    expect(readFileSync(join(kept, 'tidelock.yaml'), 'utf8')).toContain('@tidelock/mailbox-exchange');
  });

  it('stays up with its pages until it is stopped, then closes and removes everything', async () => {
    const stop = new AbortController();
    let [page, made] = ['', ''];
    const watched: Terminal = {
      out: (text) => {
        page ||= /Salesforce {7}(http:\/\/\S+)/.exec(text)?.[1] ?? '';
        made ||= /Configuration and data: (\S+tidelock-demo-\w+)/.exec(text)?.[1] ?? '';
        if (made !== '') stop.abort(new Error('interrupted'));
      },
      err: () => {},
      outIsTty: false,
      errIsTty: false,
      columns: 100,
      readInput: async () => '',
      ask: null,
    };
    const code = await run(['demo'], { terminal: watched, env: {}, cwd: folder, signal: stop.signal });
    expect(code).toBe(0);
    expect(page).toMatch(/^http:\/\/localhost:\d+\/$/);
    await expect(fetch(page)).rejects.toThrow();
    expect(made).not.toBe('');
    expect(existsSync(made)).toBe(false);
  });

  it('makes the same lists of the same seed', () => {
    const people = loadPeople();
    expect(people).toHaveLength(537);
    expect(createPopulation(people, 3)).toEqual(createPopulation(people, 3));
    expect(createPopulation(people, 3)).not.toEqual(createPopulation(people, 4));
  });

  it.skipIf(!existsSync(SHARED))(
    existsSync(SHARED)
      ? 'brings in the shared vCards'
      : 'brings in the shared vCards [skipped: ../shared is absent]',
    async () => {
      const files = readdirSync(SHARED).map((name) => join(SHARED, name));
      const words = files.flatMap((file) => ['--contacts', file]);
      const document = JSON.parse((await demo(['--json', ...words])).out) as Document;
      equalToOracles(document);
      expect(document.contacts.reduce((sum, { loaded }) => sum + loaded, 0)).toBe(19);
      expect(document.ok).toBe(true);
    },
  );
});
