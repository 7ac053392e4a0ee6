import type { CrmVendor } from '@tidelock/emulators';
import { createPlatform, type Platform, type PlatformOptions } from '@tidelock/host';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { createProgress } from '../progress.ts';
import { actChecks, actFirstSync, actIdle, actPlan, actStory, type Stage } from './act.ts';
import { actCalendar } from './calendar-act.ts';
import { type Imported, importContacts } from './contacts-file.ts';
import { tellImport } from './import-words.ts';
import { createLedger } from './ledger.ts';
import { createNarration, type Narration } from './narration.ts';
import { showPage } from './page.ts';
import { loadPeople } from './people.ts';
import { createPopulation, DEMO_DOMAIN, type Population } from './population.ts';
import { type Services, startServices } from './services.ts';
import { connect, type Folder, openFolder } from './setup.ts';

export interface DemoOptions {
  /** Tells a story by itself and ends after its checks, instead of serving the page. */
  readonly once: boolean;
  readonly crm: CrmVendor;
  readonly contacts: readonly string[];
  readonly seed: number;
  /** Folder to keep; undefined: a temporary one that is removed. */
  readonly dir: string | undefined;
}

async function tellConnection(
  say: Narration,
  of: { folder: Folder; services: Services; population: Population; imported: Imported },
): Promise<void> {
  const { folder, services, population, imported } = of;
  say.step('Two services', 'emulated at wire level, over TLS on this machine');
  const books = population.mailboxes.map((entries) => entries.length);
  const sum = books.reduce((total, size) => total + size, 0);
  say.line(
    `Exchange Online  ${services.reach.microsoft365.origin}  ${sum} contacts in ${books.length} mailboxes, each with a calendar`,
  );
  say.line(
    `${services.crm.title.padEnd(15)}  ${services.reach.crm.origin}  ${population.crm.length} contacts`,
  );
  tellImport(say, imported);
  say.step('One connection', `tenant ${DEMO_DOMAIN}, no user signs in, no password anywhere`);
  const connection = await connect(folder, services, { page: null });
  say.good(
    `key pair made here, certificate ${connection.thumbprint}… uploaded, valid for ${connection.days} days`,
  );
  say.good(`consent for ${connection.roles.join(', ')}`);
  say.good(`configuration written: ${folder.configPath}`);
}

function openPlatform(
  cli: Cli,
  folder: Folder,
  onProgress: PlatformOptions['onProgress'],
): Promise<Platform> {
  return createPlatform({
    configPath: folder.configPath,
    resolveFrom: import.meta.url,
    env: cli.env,
    signal: cli.signal,
    onProgress,
  });
}

/** Opens all lanes; a finding that blocks one would make every later number a lie. */
async function prepare(platform: Platform, progress: Stage['progress']) {
  const engine = await platform.engine();
  const lanes = await platform.lanes();
  progress.name(new Map(lanes.map((lane) => [lane.id, lane.label])));
  const own = (await engine.prepare()).flatMap(({ findings }) => findings);
  const block = [...platform.findings, ...own].find((finding) => finding.severity === 'block');
  if (block) throw new Error(`the demo is blocked: ${block.text} (${block.code})`);
  return createLedger(engine, lanes);
}

async function perform(stage: Stage, options: DemoOptions): Promise<Record<string, unknown>> {
  const { cli, say, population, imported } = stage;
  const stopIfAsked = (): void => cli.signal.throwIfAborted();
  const plan = await actPlan(stage);
  stopIfAsked();
  const first = await actFirstSync(stage);
  stopIfAsked();
  const idleWrites = await actIdle(stage);
  stopIfAsked();
  const told = await actStory(stage);
  stopIfAsked();
  const calendar = await actCalendar(stage);
  stopIfAsked();
  const withheld = calendar.withheld.reduce((sum, { people }) => sum + people, 0);
  const { checks, reviews } = await actChecks(stage, { story: told.story, withheld });
  const ok = idleWrites === 0 && checks.every((check) => check.equal);
  cli.say();
  if (ok) say.good('Every printed number equals what the services hold.');
  else say.warn('Some numbers differ from what the services hold: this is a bug, please report it.');
  return {
    crm: options.crm,
    seed: options.seed,
    people: {
      mailboxes: population.mailboxes.map((entries) => entries.length),
      crm: population.crm.length,
      pairs: population.expected.pairs,
      twice: population.expected.twice,
      doubtful: population.expected.doubtful.length,
    },
    contacts: imported.files,
    plan: { ...plan.tally, emails: plan.emails },
    first: { ...first.tally, rounds: first.rounds, settled: first.settled, ms: Math.round(first.ms) },
    idleWrites,
    edits: told.edits,
    happenings: told.happenings,
    calendar,
    reviews,
    checks,
    ok,
    exitCode: ok ? EXIT.ok : EXIT.unexpected,
  };
}

/**
 * Starts two emulated services, and the server with its page over them, where a person does the rest. `once`: connects them as an
 * administrator would, and tells what a sync does with them; ends with exit code 1 when a printed number is not what the services hold. Closes and removes everything it made.
 */
export async function runDemo(cli: Cli, options: DemoOptions): Promise<void> {
  const imported = await importContacts(options.contacts, cli.cwd);
  const population = createPopulation(loadPeople(), options.seed);
  await using stack = new AsyncDisposableStack();
  const folder = await openFolder(options.dir);
  stack.defer(() => folder.remove());
  const services = await startServices(population, {
    crm: options.crm,
    seed: options.seed,
    imported: imported.contacts,
  });
  stack.defer(() => services.close());
  const say = createNarration(cli);
  if (!options.once) return await showPage({ cli, say, folder, services, imported });
  await tellConnection(say, { folder, services, population, imported });
  const progress = createProgress(cli);
  const platform = await openPlatform(cli, folder, progress.onProgress);
  stack.defer(() => platform.close());
  stack.defer(() => progress.clear());
  const ledger = await prepare(platform, progress);
  const stage: Stage = { cli, say, progress, platform, services, population, imported, ledger };
  const document = await perform(stage, options);
  cli.json(document);
  cli.exit(document.ok === true ? EXIT.ok : EXIT.unexpected);
}
