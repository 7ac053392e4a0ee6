import { createSystemClock } from '@tidelock/emulators';
import { createPlatform, type PlatformOptions } from '@tidelock/host';
import { type CliOptions, type CliRun, runCli } from './cli.ts';
import { sharedKeyFolder } from './key-folder.ts';
import { range, sample, toCrm, toOutlook } from './people.ts';
import { createStage, type Stage } from './stage.ts';

/**
 * Where a run of the real program is killed: just before or just after its n-th effect, or while its n-th write is
 * under way (carried out there, its answer not yet here).
 */
export type CrashPoint =
  | { readonly effect: number; readonly when: 'before' | 'after' }
  | { readonly write: number };

/** Content of both sides, in an order of its own, without ids, versions and times. */
export interface Picture {
  readonly mailbox: readonly string[];
  readonly crm: readonly string[];
}

const OUTLOOK_FIELDS = [
  'givenName',
  'surname',
  'emailAddresses',
  'businessPhones',
  'jobTitle',
  'personalNotes',
] as const;
const CRM_FIELDS = ['FirstName', 'LastName', 'Email', 'Phone', 'Title', 'Description'] as const;
const PAIRS = 8;

function mailboxOf(stage: Stage): string {
  const [person] = Object.values(stage.people);
  if (person === undefined) throw new Error('there is no mailbox');
  return person.mailboxId;
}

const live = (stage: Stage) => stage.crm.oracle.contacts().filter((contact) => contact.IsDeleted !== true);

export function pictureOf(stage: Stage): Picture {
  const contacts = stage.graph.oracle.contacts(mailboxOf(stage));
  const addresses = (each: (typeof contacts)[number]) => each.emailAddresses.map((email) => email.address);
  return {
    mailbox: contacts
      .map((each) =>
        JSON.stringify(
          OUTLOOK_FIELDS.map((name) => (name === 'emailAddresses' ? addresses(each) : each[name])),
        ),
      )
      .toSorted(),
    crm: live(stage)
      .map((each) => JSON.stringify(CRM_FIELDS.map((name) => each[name] ?? null)))
      .toSorted(),
  };
}

const writesOf = (stage: Stage): number =>
  stage.graph.oracle.writes().length +
  stage.crm.oracle.writes().filter((entry) => entry.app !== undefined).length;

const sync = (stage: Stage, more: Partial<CliOptions> = {}): Promise<CliRun> =>
  runCli(['sync', '--json'], { cwd: stage.folder, ...more });

/** Ends `kill`'s process when the n-th write reaches one of the services. */
function killedSync(stage: Stage, point: CrashPoint): Promise<CliRun> {
  if ('effect' in point) {
    return sync(stage, { env: { TIDELOCK_CRASH_AT: `${point.effect}:${point.when}` } });
  }
  let left = point.write;
  let kill = (): void => {};
  const count = ({ method, path }: { readonly method: string; readonly path: string }): void => {
    const isWrite = method !== 'GET' && !/oauth2|\$batch$/.test(path);
    if (isWrite && --left === 0) kill();
  };
  const stops = [stage.graph.log.on(count), stage.crm.log.on(count)];
  return sync(stage, {
    onStart: (end) => {
      kill = end;
    },
  }).finally(() => {
    for (const stop of stops) stop();
  });
}

function requireEnd(run: CliRun, wanted: CliRun['code'], what: string): void {
  if (run.code === wanted) return;
  throw new Error(`${what} ended with ${run.code}, not ${wanted}:\n${run.err}\n${run.out.slice(0, 2000)}`);
}

type OnEffect = NonNullable<NonNullable<PlatformOptions['overrides']>['onEffect']>;

/** A sync in this process: for what is not to be killed. */
export async function syncHere(stage: Stage, onEffect?: OnEffect): Promise<void> {
  const { configPath } = stage;
  await using platform = await createPlatform({
    configPath,
    resolveFrom: import.meta.url,
    env: {},
    overrides: { onEffect },
  });
  const engine = await platform.engine();
  await engine.prepare();
  const report = await engine.sync();
  if (!report.settled) throw new Error(`the sync did not settle: ${JSON.stringify(report)}`);
}

/** Creates, updates and deletes on both sides, and a person who is new on both. */
function edit(stage: Stage): void {
  const mailbox = mailboxOf(stage);
  const { admin } = stage.graph;
  const crm = stage.crm.admin;
  const contactOf = (n: number): string =>
    stage.graph.oracle.contacts(mailbox).find((each) => each.surname === sample(n).last)?.id ?? '';
  const recordOf = (n: number): string =>
    String(live(stage).find((each) => each.LastName === sample(n).last)?.Id);
  admin.updateContact(mailbox, contactOf(0), { jobTitle: 'Head of A' });
  crm.updateContact(recordOf(1), { Title: 'Head of B' });
  admin.updateContact(mailbox, contactOf(2), { personalNotes: 'from the mailbox' });
  crm.updateContact(recordOf(2), { Title: 'from the CRM' });
  admin.deleteContact(mailbox, contactOf(3));
  crm.deleteContact(recordOf(4));
  for (const n of [20, 21]) admin.createContact(mailbox, toOutlook(n));
  for (const n of [22, 23]) crm.createContact(toCrm(n));
  admin.createContact(mailbox, toOutlook(24));
  crm.createContact(toCrm(24, { Title: 'met twice' }));
}

/** Both services with people in step, and edits that wait for the next pass. */
export async function createScene(): Promise<Stage> {
  const now = Date.now();
  const stage = await createStage(createSystemClock(), await sharedKeyFolder(now - 3_600_000), {
    stateFile: 'tidelock.db',
    graph: { keepExchanges: 0 },
  });
  stage.graph.admin.seedContacts(
    mailboxOf(stage),
    range(PAIRS / 2).map((n) => toOutlook(n)),
  );
  stage.crm.admin.seedContacts(PAIRS / 2, (n) => toCrm(PAIRS / 2 + n));
  await syncHere(stage);
  edit(stage);
  return stage;
}

export interface Reference {
  readonly picture: Picture;
  /** What each effect of the pass was, in order: `a.write`, `commitLane`. */
  readonly effects: readonly string[];
}

/** The same edits without a crash. */
export async function measure(): Promise<Reference> {
  const stage = await createScene();
  try {
    const effects: string[] = [];
    await syncHere(stage, (effect, when) => {
      if (when !== 'before' || (effect.kind !== 'store' && effect.kind !== 'state')) return;
      effects.push(effect.kind === 'store' ? `${effect.side}.${effect.method}` : effect.method);
    });
    return { picture: pictureOf(stage), effects };
  } finally {
    await stage.close();
  }
}

export interface Aftermath {
  /** It was killed; false when it ended before it came that far. */
  readonly killed: boolean;
  readonly picture: Picture;
  /** Writes of the pass after the restarted one. */
  readonly idleWrites: number;
}

/** Kills a pass, starts again, and looks at what is there. */
export async function crash(point: CrashPoint): Promise<Aftermath> {
  const stage = await createScene();
  try {
    const first = await killedSync(stage, point);
    const killed = first.code === 'SIGKILL';
    if (!killed) requireEnd(first, 0, 'the sync to be killed');
    requireEnd(await sync(stage), 0, 'the restarted sync');
    const before = writesOf(stage);
    const picture = pictureOf(stage);
    await syncHere(stage);
    return { killed, picture, idleWrites: writesOf(stage) - before };
  } finally {
    await stage.close();
  }
}
