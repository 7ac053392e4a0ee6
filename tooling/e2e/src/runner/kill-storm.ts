import type { ChildProcess } from 'node:child_process';
import { createSystemClock } from '@tidelock/emulators';
import { type CliRun, runCli } from '../cli.ts';
import { createKeyFolder } from '../key-folder.ts';
import { createDraw } from '../kill/draw.ts';
import { createStage, type Stage } from '../stage.ts';

// The program that works day and night, killed again and again while people change things on both sides.

const NAMES = ['ann', 'ben', 'cat'];
/** People change something so often (milliseconds, on average). */
const CHANGE_MS = 60;
/** A life of the process is this long at least and at most (milliseconds). */
const LIFE = { least: 700, most: 6_000 };
/** How long it may take until both sides are equal once nobody kills and nobody changes anything. */
const REST_MS = 180_000;
const DAY_MS = 86_400_000;

export interface StormOptions {
  readonly seed: number;
  readonly kills: number;
  readonly log?: (text: string) => void;
}

export interface StormResult {
  readonly kills: number;
  /** How often the process was killed after it had written something. */
  readonly inTheMiddle: number;
  readonly changes: number;
  /** What is wrong at rest; empty = both sides are equal, nothing is there twice, and nothing was lost. */
  readonly faults: readonly string[];
}

/** Somebody whom one side made, as both sides have to show them in the end. */
interface Known {
  readonly owner: string;
  readonly email: string;
  title: string;
}

interface Storm {
  readonly stage: Stage;
  readonly known: Map<string, Known>;
  readonly random: () => number;
  changes: number;
}

const personOf = ({ stage }: Storm, name: string) => {
  const person = stage.people[name];
  if (person === undefined) throw new Error(name);
  return person;
};

function create(storm: Storm): void {
  const n = storm.changes;
  const owner = NAMES[Math.floor(storm.random() * NAMES.length)] ?? 'ann';
  const [email, title] = [`storm${n}@example.com`, `T${n}`];
  const { mailboxId, crmUserId } = personOf(storm, owner);
  if (storm.random() < 0.5)
    storm.stage.graph.admin.createContact(mailboxId, {
      ...{ givenName: `Given${n}`, surname: `Storm${n}`, jobTitle: title },
      emailAddresses: [{ address: email, name: `Given${n} Storm${n}` }],
    });
  else
    storm.stage.salesforce.admin.createContact({
      ...{ FirstName: `Given${n}`, LastName: `Storm${n}`, Email: email, Title: title, OwnerId: crmUserId },
    });
  storm.known.set(email, { owner, email, title });
}

/** The newest edit of one field wins, whichever side it was made on, so each person is edited on one side only. */
function edit(storm: Storm): void {
  const all = [...storm.known.values()];
  const one = all[Math.floor(storm.random() * all.length)];
  if (one === undefined) return;
  const n = Number(/\d+/.exec(one.email)?.[0]);
  const title = `T${storm.changes}`;
  const { mailboxId } = personOf(storm, one.owner);
  const { graph, salesforce } = storm.stage;
  if (n % 2 === 0) {
    const contact = graph.oracle
      .contacts(mailboxId)
      .find(({ emailAddresses }) => emailAddresses?.[0]?.address === one.email);
    if (contact === undefined) return;
    graph.admin.updateContact(mailboxId, contact.id, { jobTitle: title });
  } else {
    const row = salesforce.oracle
      .contacts()
      .find(({ Email, IsDeleted }) => Email === one.email && !IsDeleted);
    if (row === undefined) return;
    salesforce.admin.updateContact(String(row.Id), { Title: title });
  }
  one.title = title;
}

/** Changes both sides until it is told to stop. */
async function keepChanging(storm: Storm, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    storm.changes += 1;
    if (storm.known.size < 20 || storm.random() < 0.3) create(storm);
    else edit(storm);
    await new Promise((resolve) => setTimeout(resolve, 2 * CHANGE_MS * storm.random()));
  }
}

const rowsOf = ({ stage }: Storm) => ({
  mailboxes: NAMES.flatMap((name) =>
    stage.graph.oracle.contacts(stage.people[name]?.mailboxId ?? '').map((contact) => ({
      ...{ owner: name, email: contact.emailAddresses?.[0]?.address ?? '', title: contact.jobTitle ?? '' },
    })),
  ),
  crm: stage.salesforce.oracle
    .contacts()
    .filter(({ IsDeleted }) => IsDeleted !== true)
    .map(({ Email, Title }) => ({ email: String(Email), title: String(Title ?? '') })),
});

/** What differs from what people last wrote. */
function faultsOf(storm: Storm): readonly string[] {
  const { mailboxes, crm } = rowsOf(storm);
  const faults: string[] = [];
  for (const { email, title, owner } of storm.known.values()) {
    const there = mailboxes.filter((row) => row.email === email);
    const here = crm.filter((row) => row.email === email);
    if (there.length !== 1 || here.length !== 1)
      faults.push(`${email}: ${there.length} times in mailboxes, ${here.length} times in the CRM`);
    else if (there[0]?.owner !== owner) faults.push(`${email}: in the mailbox of ${there[0]?.owner}`);
    else if (there[0]?.title !== title || here[0]?.title !== title)
      faults.push(`${email}: "${there[0]?.title}" and "${here[0]?.title}" instead of "${title}"`);
  }
  const extra = mailboxes.length + crm.length - 2 * storm.known.size;
  if (faults.length === 0 && extra !== 0) faults.push(`${extra} records that nobody made`);
  return faults;
}

interface Life {
  readonly child: ChildProcess;
  readonly ended: Promise<CliRun>;
}

function begin({ stage }: Storm): Promise<Life> {
  return new Promise((resolve) => {
    const ended = runCli(['watch', '--json', '--config', stage.configPath], {
      cwd: stage.folder,
      onStart: (child) => queueMicrotask(() => resolve({ child, ended })),
    });
  });
}

async function killOnce(storm: Storm): Promise<boolean> {
  const { child, ended } = await begin(storm);
  const life = LIFE.least + storm.random() * (LIFE.most - LIFE.least);
  await new Promise((resolve) => setTimeout(resolve, life));
  child.kill('SIGKILL');
  const { out, code, err } = await ended;
  if (code !== 'SIGKILL') throw new Error(`the process ended by itself (${code}): ${err}`);
  return out.includes('"type":"item"');
}

/** One more life, in which nobody interferes, until both sides are equal. */
async function comeToRest(storm: Storm): Promise<readonly string[]> {
  const { child, ended } = await begin(storm);
  const end = Date.now() + REST_MS;
  let faults = faultsOf(storm);
  while (faults.length > 0 && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    faults = faultsOf(storm);
  }
  child.kill('SIGINT');
  const { code, err } = await ended;
  const exit = code === 0 ? [] : [`the last process ended with ${code}: ${err}`];
  return [...faults, ...exit, ...faultsOf(storm).filter((fault) => !faults.includes(fault))];
}

export async function killStorm({ seed, kills, log = () => {} }: StormOptions): Promise<StormResult> {
  const key = await createKeyFolder(Date.now() - DAY_MS);
  const options = { mailboxes: NAMES, records: 'own', stateFile: 'tidelock.db', judged: false } as const;
  const stage = await createStage(createSystemClock(), key, options);
  const pace = { floorSeconds: 1, ceilingSeconds: 1 };
  stage.writeConfig({ ...stage.config, schedule: { mailbox: pace, crm: pace } });
  const storm: Storm = { stage, known: new Map(), random: createDraw(seed), changes: 0 };
  const calm = new AbortController();
  const changing = keepChanging(storm, calm.signal);
  let inTheMiddle = 0;
  try {
    for (let n = 1; n <= kills; n += 1) {
      inTheMiddle += Number(await killOnce(storm));
      log(`killed ${n} times, ${inTheMiddle} of them after it had written; ${storm.changes} changes`);
    }
    calm.abort();
    await changing;
    return { kills, inTheMiddle, changes: storm.changes, faults: await comeToRest(storm) };
  } finally {
    calm.abort();
    await changing.catch(() => undefined);
    await stage.close();
  }
}
