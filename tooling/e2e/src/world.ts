import { setDefaultCACertificates } from 'node:tls';
import type { Fetch, Logger } from '@tidelock/core';
import { createPlatform, createSystemRandom, type Platform, type PlatformOptions } from '@tidelock/host';
import { createSharedClock, type SharedClock } from './clock.ts';
import { createKeyFolder, sharedKeyFolder } from './key-folder.ts';
import { createStage, type Person, type Stage, type StageOptions } from './stage.ts';

export const START = Date.parse('2026-11-23T09:00:00Z');

type Overrides = NonNullable<PlatformOptions['overrides']>;
type Engine = Awaited<ReturnType<Platform['engine']>>;
type SyncReport = Awaited<ReturnType<Engine['sync']>>;
type PassReport = SyncReport['lanes'][number];

/** What a run rejects with when its process was killed. */
export const KILLED = 'the process was killed';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface World extends AsyncDisposable {
  readonly stage: Stage;
  readonly graph: Stage['graph'];
  readonly crm: Stage['crm'];
  readonly salesforce: Stage['salesforce'];
  readonly clock: SharedClock;
  readonly logged: readonly LogLine[];
  /** The platform that runs at present. */
  platform(): Platform;
  engine(): Engine;
  person(name?: string): Person;
  sync(): Promise<SyncReport>;
  round(): Promise<readonly PassReport[]>;
  plan(): Promise<readonly PassReport[]>;
  /** Kills the process there, counted from now on: nothing more happens, and whatever runs rejects. `null`: not any more. */
  killAt(death: Death | null): void;
  /** Another process over the same data folder; with `:memory:` it has forgotten everything. */
  restart(): Promise<void>;
  /** Live contacts of a mailbox. */
  mailbox(name?: string): ReturnType<Stage['graph']['oracle']['contacts']>;
  /** Contacts of the CRM outside its recycle bin, whichever CRM it is. */
  records(): ReturnType<Stage['crm']['records']>;
  /** The same as the rows of a Salesforce org. */
  contacts(): ReturnType<Stage['salesforce']['oracle']['contacts']>;
  /** Lets time pass: what was written is older than any skew or lag. */
  later(minutes?: number): void;
}

/** Requests of the product, during which time does not jump. */
export const fetchThrough =
  (clock: SharedClock): Fetch =>
  (input, init) =>
    clock.busy(async () => {
      const answer = await fetch(input, init);
      // The whole body belongs to the exchange: time must not jump while it is on its way.
      const bytes = await answer.arrayBuffer();
      const empty = [204, 205, 304].includes(answer.status);
      return new Response(empty ? null : bytes, { status: answer.status, headers: answer.headers });
    });

function createRecorder(logged: LogLine[]): Logger {
  const at =
    (level: LogLine['level']) =>
    (event: string, data: LogLine['data'] = {}): void => {
      logged.push({ level, event, data });
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Where a process dies: after so many steps, of one method or of all. Each effect is two steps, before and after it. */
export interface Death {
  readonly steps: number;
  readonly method?: string;
}

/** A dead process does not even tidy up: each further effect is refused. */
function createLife() {
  let death: Death | null = null;
  let left = 0;
  const onEffect: NonNullable<Overrides['onEffect']> = (effect) => {
    const method = 'method' in effect ? effect.method : effect.kind;
    if (death === null || (left >= 0 && death.method !== undefined && death.method !== method)) return;
    left -= 1;
    if (left < 0) throw new Error(KILLED);
  };
  return {
    end(at: Death | null): void {
      death = at;
      left = at?.steps ?? 0;
    },
    onEffect,
  };
}

/**
 * The product as it is shipped, over sockets, on time that the test controls. Closing it fails when an exchange with
 * the emulated Graph broke the published description.
 */
export async function createWorld(options: StageOptions = {}): Promise<World> {
  const { start = START } = options;
  const clock = createSharedClock(start);
  const makeKey = start === START ? sharedKeyFolder : createKeyFolder;
  const stage = await createStage(clock.emulator, await makeKey(start - 86_400_000), options);
  setDefaultCACertificates([...stage.authorities]);
  const logged: LogLine[] = [];
  const life = createLife();
  const overrides = {
    onEffect: life.onEffect,
    fetch: fetchThrough(clock),
    clock: clock.product,
    random: createSystemRandom(),
    log: createRecorder(logged),
  };
  const open = async () => {
    const opened = await createPlatform({
      configPath: stage.configPath,
      resolveFrom: import.meta.url,
      overrides,
      env: {},
    });
    try {
      const engine = await opened.engine();
      await engine.prepare();
      return { platform: opened, engine };
    } catch (error) {
      await opened.close();
      throw error;
    }
  };
  let running = await open();
  const { graph, crm } = stage;
  const person = (name = Object.keys(stage.people)[0] ?? ''): Person => {
    const found = stage.people[name];
    if (found === undefined) throw new Error(`there is no ${name} here`);
    return found;
  };
  return {
    stage,
    graph,
    crm,
    clock,
    logged,
    platform: () => running.platform,
    engine: () => running.engine,
    person,
    sync: () => running.engine.sync(),
    round: () => running.engine.round(),
    plan: () => running.engine.plan(),
    killAt: life.end,
    async restart() {
      life.end(null);
      await running.platform.close();
      clock.advance(120_000);
      running = await open();
    },
    mailbox: (name) => graph.oracle.contacts(person(name).mailboxId),
    salesforce: stage.salesforce,
    records: () => crm.records(),
    contacts: () => stage.salesforce.oracle.contacts().filter((contact) => contact.IsDeleted !== true),
    later: (minutes = 10) => clock.advance(minutes * 60_000),
    async [Symbol.asyncDispose]() {
      clock.close();
      await running.platform.close();
      await stage.close();
    },
  };
}
