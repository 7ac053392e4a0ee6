import { createPrivateKey } from 'node:crypto';
import { inspect } from 'node:util';
import { createRandom } from '@tidelock/emulators/kit';
import { expect, it } from 'vitest';
import { filesUnder, foundIn } from '../src/canaries.ts';
import { runCli } from '../src/cli.ts';
import { KEY_NAME } from '../src/key-folder.ts';
import { toOutlook } from '../src/people.ts';
import { createStorm, type Storm } from '../src/storm.ts';
import { createWorld, type World } from '../src/world.ts';

const HOURS = 24;
/** Values that occur nowhere else; one set for each person who is created during the day. */
const contactOf = (hour: number) => ({
  givenName: `Canarina${hour}x`,
  surname: `Zwitscherling${hour}x`,
  jobTitle: `Head of Song ${hour}x`,
  personalNotes: `whistles at dawn ${hour}x`,
  emailAddresses: [{ address: `bird${hour}x@aviary.example` }],
  businessPhones: [`+1 202 555 01${String(hour + 10)}`],
});

interface Day {
  /** Whatever was thrown at whoever called, with everything in it. */
  readonly errors: string[];
  /** What people wrote, in the forms they wrote it. */
  readonly people: Set<string>;
}

async function live(world: World, storm: Storm, day: Day): Promise<void> {
  const { mailboxId } = world.person();
  for (let hour = 0; hour < HOURS; hour += 1) {
    const person = contactOf(hour);
    for (const value of [person.givenName, person.surname, person.jobTitle, person.personalNotes])
      day.people.add(value);
    day.people.add(person.emailAddresses[0]?.address ?? '');
    day.people.add(person.businessPhones[0] ?? '');
    world.graph.admin.seedContacts(mailboxId, [{ ...toOutlook(hour), ...person }]);
    const [known] = world.contacts();
    const changed = `Piepmatzova${hour}x`;
    if (known !== undefined) {
      world.salesforce.admin.updateContact(String(known.Id), { LastName: changed });
      day.people.add(changed);
    }
    if (hour % 3 > 0) storm.gust();
    if (hour % 7 === 5) world.killAt(storm.death());
    try {
      const report = await world.sync();
      day.errors.push(...report.lanes.map(({ error }) => inspect(error)));
    } catch (error) {
      day.errors.push(inspect(error, { depth: 8, showHidden: true }));
    }
    if (hour % 7 === 5) {
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

it('after a full day with failures, nothing that is sealed stands in clear: database, logs, errors, reports, output', async () => {
  await using world = await createWorld({ stateFile: 'tidelock.db', judged: false });
  const secret = 'canary-of-the-secret-store-58f1';
  await world.platform().secrets.store.put('crm/password', new TextEncoder().encode(secret));
  const storm = createStorm(world, createRandom(7));
  const day: Day = { errors: [], people: new Set() };
  await live(world, storm, day);
  expect(storm.struck()).toBeGreaterThan(5);
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

  // The program in a process of its own, refused by the token endpoint, with every word it has to say about that.
  world.graph.faults.inject({
    match: { path: /oauth2/ },
    times: 1000,
    fault: {
      kind: 'status',
      status: 401,
      body: {
        error: 'invalid_client',
        error_codes: [7000222],
        error_description: `AADSTS7000222: tenant ${guid}`,
      },
    },
  });
  await world.platform().close();
  for (const words of ['sync --debug', 'status --json', 'doctor', 'keys rewrap', 'audit']) {
    const run = await runCli(words.split(' '), { cwd: world.stage.folder });
    expect([words, foundIn(Buffer.from(run.out + run.err), hidden)]).toEqual([words, []]);
  }
}, 300_000);
