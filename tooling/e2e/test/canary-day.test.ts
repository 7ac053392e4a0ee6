import { createPrivateKey } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { FaultRule } from '@tidelock/emulators';
import { createRandom } from '@tidelock/emulators/kit';
import { expect, it } from 'vitest';
import { filesUnder, foundIn } from '../src/canaries.ts';
import { runCli } from '../src/cli.ts';
import { startCollector } from '../src/collector.ts';
import { KEY_NAME } from '../src/key-folder.ts';
import { toOutlook } from '../src/people.ts';
import { startServed } from '../src/served.ts';
import { CLIENT_ID } from '../src/stage.ts';
import { createStorm, type Storm } from '../src/storm.ts';
import { createWorld, type World } from '../src/world.ts';

const HOURS = 24;
const HOUR_MS = 3_600_000;
/** Values that occur nowhere else; one set for each person who is created during the day. */
const contactOf = (hour: number) => ({
  givenName: `Canarina${hour}x`,
  surname: `Zwitscherling${hour}x`,
  jobTitle: `Head of Song ${hour}x`,
  personalNotes: `whistles at dawn ${hour}x`,
  emailAddresses: [{ address: `bird${hour}x@aviary.example` }],
  businessPhones: [`+1 202 555 01${String(hour + 10)}`],
});

const [REVOKED, CONSENTED] = [16, 19];
const ROLES = ['Contacts.ReadWrite', 'User.Read.All'];
const api = { path: /v1\.0|\$batch/ };
const status = (code: number, headers: Record<string, string> = {}): FaultRule['fault'] => ({
  ...{ kind: 'status', status: code, headers },
  body: { error: { code: 'Injected', message: 'Injected.' } },
});

/** Something that was made to go wrong, and whether it did. */
interface Failure {
  readonly name: string;
  readonly left: () => number;
  struck: boolean;
}

const FAILURES: Readonly<Record<number, { of: 'graph' | 'crm'; rule: FaultRule }>> = {
  2: { of: 'graph', rule: { match: api, fault: status(401) } },
  4: { of: 'graph', rule: { match: api, fault: status(429, { 'Retry-After': '5' }) } },
  7: { of: 'graph', rule: { match: api, fault: status(500) } },
  // Longer than anybody waits.
  9: { of: 'graph', rule: { match: api, fault: { kind: 'delay', ms: 130_000 } } },
  11: { of: 'crm', rule: { fault: status(503) } },
  14: { of: 'graph', rule: { match: { path: /oauth2/ }, fault: status(503) } },
};

/** What goes wrong at that hour, whatever the storm brings besides. */
function failAt(hour: number, world: World, day: Day): void {
  const failure = FAILURES[hour];
  if (failure === undefined) return;
  const left = world[failure.of].faults.inject(failure.rule);
  day.failures.push({ name: `hour ${hour}`, left: () => left.remaining(), struck: false });
}

interface Day {
  /** Whatever was thrown at whoever called, with everything in it. */
  readonly errors: string[];
  /** What people wrote, in the forms they wrote it. */
  readonly people: Set<string>;
  readonly failures: Failure[];
}

/** An administrator takes the consent back, and gives it again hours later. */
function consentAt(hour: number, { graph, stage }: World): void {
  const { admin } = graph;
  if (hour === REVOKED) admin.removeServicePrincipal(stage.tenantId, CLIENT_ID);
  if (hour === CONSENTED) admin.consent(stage.tenantId, CLIENT_ID, ROLES);
}

/** Somebody new in the mailbox, and a change of somebody known in the CRM. */
function peopleAt(hour: number, world: World, day: Day): void {
  const person = contactOf(hour);
  for (const value of [person.givenName, person.surname, person.jobTitle, person.personalNotes])
    day.people.add(value);
  day.people.add(person.emailAddresses[0]?.address ?? '');
  day.people.add(person.businessPhones[0] ?? '');
  world.graph.admin.seedContacts(world.person().mailboxId, [{ ...toOutlook(hour), ...person }]);
  const [known] = world.contacts();
  const changed = `Piepmatzova${hour}x`;
  if (known === undefined) return;
  world.salesforce.admin.updateContact(String(known.Id), { LastName: changed });
  day.people.add(changed);
}

async function live(world: World, storm: Storm, day: Day): Promise<void> {
  for (let hour = 0; hour < HOURS; hour += 1) {
    peopleAt(hour, world, day);
    consentAt(hour, world);
    failAt(hour, world, day);
    if (hour % 3 > 0) storm.gust();
    const dies = hour % 7 === 5;
    if (dies) world.killAt(storm.death());
    try {
      const report = await world.sync();
      day.errors.push(...report.lanes.map(({ error }) => inspect(error)));
    } catch (error) {
      day.errors.push(inspect(error, { depth: 8, showHidden: true }));
    }
    for (const failure of day.failures) failure.struck ||= failure.left() === 0;
    if (dies) {
      storm.lift();
      await world.restart();
    }
    world.later(60);
  }
  storm.lift();
  await world.sync();
}

/** Bearer tokens and assertions that went over the wire, in either direction. */
function tokensOf(world: World): string[] {
  const texts = [...world.graph.log.entries, ...world.crm.log.entries].flatMap(
    ({ requestHeaders, requestBody, responseBody }) => [
      ...Object.values(requestHeaders),
      JSON.stringify(requestBody ?? ''),
      JSON.stringify(responseBody ?? ''),
    ],
  );
  const found = texts.flatMap((text) => [
    ...(/^Bearer (\S{20,})$/i.exec(text)?.slice(1) ?? []),
    ...(/"access_token":"([^"]+)"/.exec(text)?.slice(1) ?? []),
    ...(/client_assertion=([^&"]+)/.exec(text)?.slice(1) ?? []),
  ]);
  return [...new Set(found)];
}

/** Numbers of the private key that signs, and its PEM. */
async function keyOf(world: World): Promise<string[]> {
  const given = await world.platform().secrets.keys.export?.(KEY_NAME);
  if (given === undefined) throw new Error('the file gives its keys away');
  const jwk = createPrivateKey(given.privateKeyPem).export({ format: 'jwk' });
  const numbers = [jwk.d, jwk.p, jwk.q].map((value) => String(value).slice(20, 60));
  return [...numbers, ...given.privateKeyPem.split('\n').slice(10, 14)];
}

/** A server over the same data, with failures too: what it measures, and what is left of it when it crashes. */
async function servedTo(world: World, hidden: readonly string[]): Promise<void> {
  const { stage, graph, clock } = world;
  await using collector = await startCollector();
  clock.advance(Math.max(0, Date.now() - clock.now()));
  const schedule = {
    crm: { floorSeconds: 1, ceilingSeconds: 2 },
    mailbox: { floorSeconds: 1, ceilingSeconds: 2 },
  };
  stage.writeConfig({ ...stage.config, schedule, log: { level: 'debug' } });
  graph.faults.inject({ match: api, times: 2, fault: status(429, { 'Retry-After': '1' }) });
  const folder = join(stage.folder, 'reports');
  mkdirSync(folder);
  const crash = "process.once('SIGWINCH', () => { throw new Error('crashed'); });";
  const preload = `data:text/javascript,${encodeURIComponent(crash)}`;
  const reports = '--report-on-signal --report-signal=SIGUSR2 --report-uncaught-exception';
  const env = {
    NODE_OPTIONS: `${reports} --report-directory=${folder} --import ${preload}`,
    TIDELOCK_CANARY: hidden[0] ?? '',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.address,
  };
  await using served = await startServed(stage.configPath, { cwd: stage.folder, env });
  const metrics = async (): Promise<string> => (await fetch(`${served.origin}/metrics`)).text();
  await served.until('it works', async () => /passes_total\{outcome="done"\} [1-9]/.test(await metrics()));
  await served.until('spans of a turn and of what it asked for', () =>
    ['"turn"', '"POST"', '"GET"'].every((name) => collector.spans().includes(`"name":${name}`)),
  );
  const numbers = await metrics();
  expect(numbers).toMatch(/requests_total\{connection="mailbox",outcome="throttled"\} [1-9]/);
  const reportsThere = () => readdirSync(folder).filter((name) => name.startsWith('report.'));
  served.child.kill('SIGUSR2');
  await served.until('a report of the living', () => reportsThere().length === 1);
  served.child.kill('SIGWINCH');
  expect(await served.ended).toBe(1);
  expect(reportsThere()).toHaveLength(2);
  const all = [...hidden, ...tokensOf(world)];
  expect(['metrics', foundIn(Buffer.from(numbers), all)]).toEqual(['metrics', []]);
  expect(['output', foundIn(Buffer.from(served.said()), all)]).toEqual(['output', []]);
  expect(['spans', foundIn(Buffer.from(collector.spans()), all)]).toEqual(['spans', []]);
  for (const name of reportsThere()) {
    const bytes = readFileSync(join(folder, name));
    expect(bytes.includes('"javascriptHeap"')).toBe(true);
    expect([name, foundIn(bytes, all)]).toEqual([name, []]);
  }
  // Nothing that a crash left in the data folder is in clear either.
  for (const { name, bytes } of filesUnder(stage.dataDir).filter((file) => file.name !== 'master.key'))
    expect([name, foundIn(bytes, all)]).toEqual([name, []]);
}

/** The program in a process of its own, refused by the token endpoint, with every word it has to say about that. */
async function refusedTo({ graph, stage }: World, hidden: readonly string[]): Promise<void> {
  graph.faults.inject({
    match: { path: /oauth2/ },
    times: 1000,
    fault: {
      kind: 'status',
      status: 401,
      body: {
        error: 'invalid_client',
        error_codes: [7000222],
        error_description: `AADSTS7000222: tenant ${stage.tenantId}`,
      },
    },
  });
  for (const words of ['sync --debug', 'status --json', 'doctor', 'keys rewrap', 'audit']) {
    const run = await runCli(words.split(' '), { cwd: stage.folder });
    expect([words, foundIn(Buffer.from(run.out + run.err), hidden)]).toEqual([words, []]);
  }
}

it('after a full day with failures, nothing that is sealed stands in clear: database, logs, errors, metrics, spans, crash reports, output', async () => {
  // So that the day ends now, when a process with the machine's own clock goes on over the same data.
  const start = Date.now() - (HOURS + 2) * HOUR_MS;
  await using world = await createWorld({ stateFile: 'tidelock.db', judged: false, start });
  const secret = 'canary-of-the-secret-store-58f1';
  await world.platform().secrets.store.put('crm/password', new TextEncoder().encode(secret));
  const storm = createStorm(world, createRandom(7));
  const day: Day = { errors: [], people: new Set(), failures: [] };
  await live(world, storm, day);
  expect(storm.struck()).toBeGreaterThan(5);
  expect(day.failures.map(({ name, struck }) => [name, struck])).toEqual(
    Object.keys(FAILURES).map((hour) => [`hour ${hour}`, true]),
  );
  const acts = (await world.platform().administration.audit({ limit: 500 })).map(({ act }) => act);
  expect(acts).toEqual(expect.arrayContaining(['connection.refused', 'connection.restored']));
  const tokens = tokensOf(world);
  expect(tokens.length).toBeGreaterThan(2);
  const guid = world.stage.tenantId;
  const hidden = [...tokens, ...(await keyOf(world)), secret, guid, guid.replaceAll('-', ''), ...day.people];

  // The day did write what is searched for: it is all there for whoever has the key.
  const shown = await world.platform().history({ limit: 500 });
  expect(foundIn(Buffer.from(inspect(shown, { depth: 9 })), [...day.people]).length).toBeGreaterThan(20);

  const checks = await world.platform().doctor();
  const places: Readonly<Record<string, string>> = {
    logs: JSON.stringify(world.logged),
    errors: day.errors.join('\n'),
    doctor: JSON.stringify(checks),
    status: JSON.stringify(await world.platform().status()),
    audit: JSON.stringify(await world.platform().administration.audit({ limit: 500 })),
    'diagnostic report': JSON.stringify(process.report.getReport()),
  };
  expect(new Set(world.logged.map(({ level }) => level)).size).toBeGreaterThan(1);
  for (const [name, text] of Object.entries(places))
    expect([name, foundIn(Buffer.from(text), hidden)]).toEqual([name, []]);

  // The file that holds the master key is not sealed with it, and holds nothing else.
  const files = filesUnder(world.stage.dataDir).filter(({ name }) => name !== 'master.key');
  expect(files.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['tidelock.db', 'tidelock.db-wal', 'secrets.jwe']),
  );
  for (const { name, bytes } of files) expect([name, foundIn(bytes, hidden)]).toEqual([name, []]);

  await world.platform().close();
  await servedTo(world, hidden);
  await refusedTo(world, hidden);
}, 400_000);
