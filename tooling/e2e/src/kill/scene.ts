import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createSystemClock } from '@tidelock/emulators';
import { createPlatform, type PlatformOptions } from '@tidelock/host';
import { type CliOptions, type CliRun, runCli } from '../cli.ts';
import { KEY_FILES, sharedKeyFolder } from '../key-folder.ts';
import { range, sample, toCrm, toOutlook } from '../people.ts';
import { createStage, type Stage } from '../stage.ts';
import type { SceneState } from './place.ts';

/** Content of both sides, in an order of its own, without ids, versions and times. */
export interface Picture {
  readonly mailbox: readonly string[];
  readonly crm: readonly string[];
}

export interface Scene extends Stage {
  /** As if the time that leases run had passed. */
  endLeases(): Promise<void>;
  /** A second worker's folder: the same configuration and keys, data of its own. */
  readonly otherFolder: string;
}

export interface SceneOptions {
  readonly state?: SceneState | undefined;
  /** With what reaches the rarer rows: an expired cursor, and a record that the CRM refuses. */
  readonly trouble?: boolean;
  /** Local parts of the mailboxes' addresses. Default: ann, who sees every record of the CRM. */
  readonly mailboxes?: readonly string[];
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
/** A title that the CRM refuses. */
const REFUSED = 'Refused';
/** People of the n-th mailbox have numbers from here. */
const EACH = 100;

const live = (stage: Stage) =>
  stage.salesforce.oracle.contacts().filter((contact) => contact.IsDeleted !== true);

export function pictureOf(stage: Stage): Picture {
  const contacts = Object.values(stage.people).flatMap(({ mailboxId }) =>
    stage.graph.oracle.contacts(mailboxId),
  );
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

/** Writes of ours that took effect. */
export const writesOf = (stage: Stage): number =>
  stage.graph.oracle.writes().length +
  stage.salesforce.oracle.writes().filter((entry) => entry.app !== undefined).length;

/** The real program, in a process of its own. */
export const sync = (folder: string, more: Partial<CliOptions> = {}): Promise<CliRun> =>
  runCli(['sync', '--json'], { cwd: folder, ...more });

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
function edit(stage: Stage, at: number): void {
  const person = Object.values(stage.people)[at];
  if (person === undefined) throw new Error('there is no such mailbox');
  const { mailboxId: mailbox, crmUserId } = person;
  const { admin } = stage.graph;
  const crm = stage.salesforce.admin;
  const contactOf = (n: number): string =>
    stage.graph.oracle.contacts(mailbox).find((each) => each.surname === sample(n).last)?.id ?? '';
  const recordOf = (n: number): string =>
    String(live(stage).find((each) => each.LastName === sample(n).last)?.Id);
  const from = at * EACH;
  admin.updateContact(mailbox, contactOf(from), { jobTitle: 'Head of A' });
  crm.updateContact(recordOf(from + 1), { Title: 'Head of B' });
  admin.updateContact(mailbox, contactOf(from + 2), { personalNotes: 'from the mailbox' });
  crm.updateContact(recordOf(from + 2), { Title: 'from the CRM' });
  admin.deleteContact(mailbox, contactOf(from + 3));
  crm.deleteContact(recordOf(from + 4));
  for (const n of [20, 21]) admin.createContact(mailbox, toOutlook(from + n));
  for (const n of [22, 23]) crm.createContact(toCrm(from + n, { OwnerId: crmUserId }));
  admin.createContact(mailbox, toOutlook(from + 24));
  crm.createContact(toCrm(from + 24, { Title: 'met twice', OwnerId: crmUserId }));
}

/** What only a pass in trouble does: an enumeration from the start, and a write that is refused. */
function trouble(stage: Stage): void {
  for (const [at, { mailboxId }] of Object.values(stage.people).entries()) {
    stage.graph.admin.createContact(mailboxId, toOutlook(at * EACH + 30, { jobTitle: REFUSED }));
    stage.graph.admin.expireDeltaTokens(mailboxId);
  }
}

function seed(stage: Stage): void {
  for (const [at, { mailboxId, crmUserId }] of Object.values(stage.people).entries()) {
    const from = at * EACH;
    stage.graph.admin.seedContacts(
      mailboxId,
      range(PAIRS / 2, from).map((n) => toOutlook(n)),
    );
    stage.salesforce.admin.seedContacts(PAIRS / 2, (n) =>
      toCrm(from + PAIRS / 2 + n, { OwnerId: crmUserId }),
    );
  }
}

/** The same place under another data folder, with the keys as they are now: another worker in the leases. */
function otherWorker(stage: Stage): string {
  const folder = join(stage.folder, 'other');
  mkdirSync(folder, { mode: 0o700 });
  for (const name of ['tidelock.yaml', 'graph-ca.pem', 'crm-ca.pem'])
    cpSync(join(stage.folder, name), join(folder, name));
  mkdirSync(join(folder, 'data'), { mode: 0o700 });
  for (const name of KEY_FILES) cpSync(join(stage.dataDir, name), join(folder, 'data', name));
  return folder;
}

/** Both services with people in step, and edits that wait for the next pass. */
export async function createScene(options: SceneOptions = {}): Promise<Scene> {
  const { state, mailboxes = ['ann'] } = options;
  const now = Date.now();
  const key = await sharedKeyFolder(now - 3_600_000);
  const stage = await createStage(createSystemClock(), key, {
    mailboxes,
    records: mailboxes.length === 1 ? 'all' : 'own',
    stateFile: 'tidelock.db',
    state: state?.config,
    graph: { keepExchanges: 0 },
  });
  stage.salesforce.admin.addValidationRule({
    object: 'Contact',
    field: 'Title',
    message: 'that is no title',
    failsWhen: ({ Title }) => Title === REFUSED,
  });
  seed(stage);
  await syncHere(stage);
  for (const at of mailboxes.keys()) edit(stage, at);
  if (options.trouble === true) trouble(stage);
  const otherFolder = otherWorker(stage);
  return { ...stage, otherFolder, endLeases: async () => state?.endLeases() };
}
