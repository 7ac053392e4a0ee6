import type { ChildProcess } from 'node:child_process';
import { createSystemClock } from '@tidelock/emulators';
import { type CliRun, runCli } from '../cli.ts';
import { freePort } from '../free-port.ts';
import { createKeyFolder } from '../key-folder.ts';
import { createDraw } from '../kill/draw.ts';
import { createStage, type Stage } from '../stage.ts';

// The program that works day and night, killed again and again while people change things on both sides. As a server it is pushed
// to meanwhile, by a service that loses, doubles, delays and mixes up what it pushes.

const NAMES = ['ann', 'ben', 'cat'];
/** People change something so often (milliseconds, on average). */
const CHANGE_MS = 60;
/** A life of the process is this long at least, and at most where nobody says how long the storm lasts (milliseconds). */
const LIFE = { least: 700, most: 6_000 };
/** How long it may take until both sides are equal once nobody kills and nobody changes anything. */
const REST_MS = 180_000;
const DAY_MS = 86_400_000;

/** What becomes of notifications. */
const DELIVERY = {
  lose: 0.3,
  duplicate: 0.3,
  reorder: true,
  late: { share: 0.3, maxMs: 3_000 },
  retryMs: 500,
};
/** Seconds between two looks: with pushes, so many that most of the work is brought forward by them. */
const POLL = { watch: 1, serve: 10 };

export type Program = keyof typeof POLL;

export interface StormOptions {
  readonly seed: number;
  readonly kills: number;
  /** How long people change things: the kills are spread over it at random. Default: as long as so many short lives take. */
  readonly minutes?: number | undefined;
  /** Default `watch`. */
  readonly program?: Program;
  readonly log?: (text: string) => void;
}

export interface StormResult {
  readonly kills: number;
  /** How often the process was killed after it had written something. */
  readonly inTheMiddle: number;
  readonly changes: number;
  /** Notifications that reached the server, and that were lost on the way. */
  readonly pushed: {
    readonly told: number;
    readonly lost: number;
    readonly doubled: number;
    /** Held back, so that later ones overtook them; besides, what is sent together is sent in any order. */
    readonly late: number;
  };
  /** How long the processes lived together; milliseconds. */
  readonly ms: number;
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
  /** Words of the command that is killed. */
  readonly command: readonly string[];
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

function begin({ stage, command }: Storm): Promise<Life> {
  return new Promise((resolve) => {
    const ended = runCli([...command, '--json', '--config', stage.configPath], {
      cwd: stage.folder,
      onStart: (child) => queueMicrotask(() => resolve({ child, ended })),
    });
  });
}

const writesOf = ({ stage }: Storm): number =>
  stage.graph.oracle.writes().length + stage.salesforce.oracle.writes().length;

/** How long each life lasts: at random, and together as long as the storm. */
function livesOf(
  random: () => number,
  { kills, minutes }: Pick<StormOptions, 'kills' | 'minutes'>,
): number[] {
  const shares = Array.from({ length: kills }, () => random());
  if (minutes === undefined) return shares.map((share) => LIFE.least + share * (LIFE.most - LIFE.least));
  const spare = Math.max(0, minutes * 60_000 - kills * LIFE.least);
  const sum = shares.reduce((all, share) => all + share, 0);
  return shares.map((share) => LIFE.least + (share / sum) * spare);
}

/** Whether it had written something. */
async function killOnce(storm: Storm, life: number): Promise<boolean> {
  const before = writesOf(storm);
  const { child, ended } = await begin(storm);
  await new Promise((resolve) => setTimeout(resolve, life));
  child.kill('SIGKILL');
  const { code, err } = await ended;
  if (code !== 'SIGKILL') throw new Error(`the process ended by itself (${code}): ${err}`);
  return writesOf(storm) > before;
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

/** Faults of which the product is asked what it knows. */
const MOST_EXPLAINED = 3;

async function explain({ stage }: Storm, fault: string): Promise<string> {
  const email = /^\S+@\S+(?=:)/.exec(fault)?.[0];
  if (email === undefined) return fault;
  const { out, err } = await runCli(['why', email, '--config', stage.configPath], { cwd: stage.folder });
  return `${fault}\n${out}${err}`;
}

/** The configuration of a server that is pushed to, or of a program that only polls. */
async function commandOf(stage: Stage, program: Program): Promise<readonly string[]> {
  const seconds = POLL[program];
  const pace = { floorSeconds: seconds, ceilingSeconds: seconds, pushedSeconds: seconds };
  const config = { ...stage.config, schedule: { mailbox: pace, crm: pace } };
  if (program === 'watch') {
    stage.writeConfig(config);
    return ['watch'];
  }
  const port = await freePort();
  const server = { firstSync: 'at-once' };
  stage.writeConfig({ ...config, server, push: { origin: `http://localhost:${port}` } });
  return ['serve', '--no-page', '--port', String(port)];
}

const pushedOf = ({ stage }: Storm): StormResult['pushed'] => {
  const { deliveries, lostNotifications, doubledNotifications, lateNotifications } = stage.graph.oracle;
  const told = deliveries().filter(({ kind, status }) => kind === 'changes' && status === 202);
  return {
    told: told.reduce((sum, { items }) => sum + items.length, 0),
    lost: lostNotifications(),
    doubled: doubledNotifications(),
    late: lateNotifications(),
  };
};

export async function killStorm(given: StormOptions): Promise<StormResult> {
  const { seed, kills, minutes, program = 'watch', log = () => {} } = given;
  const key = await createKeyFolder(Date.now() - DAY_MS);
  const options = { mailboxes: NAMES, records: 'own', stateFile: 'tidelock.db', judged: false } as const;
  const graph = { push: DELIVERY, seed };
  const stage = await createStage(createSystemClock(), key, { ...options, graph });
  const command = await commandOf(stage, program);
  const storm: Storm = { stage, command, known: new Map(), random: createDraw(seed), changes: 0 };
  const calm = new AbortController();
  const changing = keepChanging(storm, calm.signal);
  const lives = livesOf(storm.random, { kills, minutes });
  const ms = lives.reduce((sum, life) => sum + life, 0);
  let inTheMiddle = 0;
  try {
    for (const [index, life] of lives.entries()) {
      inTheMiddle += Number(await killOnce(storm, life));
      log(`killed ${index + 1} times, ${inTheMiddle} of them after it had written; ${storm.changes} changes`);
    }
    calm.abort();
    await changing;
    const faults = await comeToRest(storm);
    for (const fault of faults.slice(0, MOST_EXPLAINED)) log(await explain(storm, fault));
    return { kills, inTheMiddle, changes: storm.changes, pushed: pushedOf(storm), ms, faults };
  } finally {
    calm.abort();
    await changing.catch(() => undefined);
    await stage.close();
  }
}
