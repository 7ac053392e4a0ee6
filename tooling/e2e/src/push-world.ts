import { setDefaultCACertificates } from 'node:tls';
import { createSystemClock as createEmulatorClock } from '@tidelock/emulators';
import {
  createConfigEditor,
  createRunner,
  createSystemClock,
  createSystemRandom,
  createWorkroom,
  type LivePlatform,
  openLivePlatform,
  openPush,
  type Push,
  type Runner,
} from '@tidelock/host';
import { type Access, createServer } from '@tidelock/server';
import { freePort } from './free-port.ts';
import { sharedKeyFolder } from './key-folder.ts';
import { silent } from './server-world.ts';
import { createStage, type Stage, type StageOptions } from './stage.ts';

/** Seconds. */
export interface Pace {
  /** Between two looks at what nobody told about. */
  readonly poll: number;
  /** The same where changes are pushed. Default: as `poll`. */
  readonly pushed?: number;
}

export interface PushWorldOptions extends StageOptions {
  readonly pace: Pace;
  /** How the service delivers. */
  readonly delivery?: NonNullable<NonNullable<StageOptions['graph']>['push']>;
  /** Default true. */
  readonly pushing?: boolean;
}

export interface PushWorld extends AsyncDisposable {
  readonly stage: Stage;
  readonly graph: Stage['graph'];
  /** Where the server listens, and services reach it. */
  readonly origin: string;
  live(): LivePlatform;
  push(): Push;
  runner(): Runner;
  mailboxId(name?: string): string;
  /** Waits until it is so, on the machine's clock. */
  until(what: string, isSo: () => boolean | Promise<boolean>, seconds?: number): Promise<void>;
  /** The process ends and another one begins over the same data. */
  restart(): Promise<void>;
}

const nobody: Access = { authenticate: async () => null, routes() {} };

const steady = (seconds: number, pushed: number) => ({
  floorSeconds: seconds,
  ceilingSeconds: seconds,
  pushedSeconds: pushed,
});

/** One process: platform, runner, push and the server that listens. */
async function openProcess(stage: Stage, port: number) {
  const clock = createSystemClock();
  const random = createSystemRandom();
  const live = await openLivePlatform({
    configPath: stage.configPath,
    resolveFrom: import.meta.url,
    overrides: { clock, random, log: silent },
    env: {},
  });
  const work = createWorkroom(live);
  const push = await openPush({ live, origin: null });
  const runner = createRunner({
    ...{ source: live, state: live.foundation.state.sync, clock, random, log: silent },
    pushes: push.pushes,
  });
  push.onHint((of) => runner.hint(of));
  const app = await createServer({
    ...{ live, work, editor: createConfigEditor(live), access: nobody, clock, log: silent, push, runner },
    ...{ origin: `http://localhost:${port}`, page: null, readiness: () => [] },
  });
  await app.listen({ host: '127.0.0.1', port });
  push.keep();
  runner.start();
  const close = async (): Promise<void> => {
    await runner.stop();
    await push.close();
    await work.close();
    await app.close();
    await live.close();
  };
  return { live, push, runner, close };
}

/** The whole product on the machine's own time, with services that push to its sockets. */
export async function createPushWorld(options: PushWorldOptions): Promise<PushWorld> {
  const { pace, delivery = {}, pushing = true } = options;
  const graphOptions = { ...options.graph, push: { echo: 0.5, ...delivery } };
  const started = Date.now() - 86_400_000;
  const stage = await createStage(createEmulatorClock(), await sharedKeyFolder(started), {
    ...options,
    graph: graphOptions,
  });
  setDefaultCACertificates([...stage.authorities]);
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const { poll, pushed = poll } = pace;
  stage.writeConfig({
    ...stage.config,
    schedule: {
      mailbox: steady(poll, pushed),
      crm: steady(poll, pushed),
      rosterMinutes: 60,
      stopSeconds: 10,
    },
    push: { mailbox: pushing, crm: pushing, origin },
  });
  let running = await openProcess(stage, port);
  return {
    ...{ stage, graph: stage.graph, origin },
    live: () => running.live,
    push: () => running.push,
    runner: () => running.runner,
    mailboxId: (name = Object.keys(stage.people)[0] ?? '') => stage.people[name]?.mailboxId ?? '',
    async until(what, isSo, seconds = 30) {
      const end = Date.now() + seconds * 1_000;
      while (!(await isSo())) {
        if (Date.now() > end) throw new Error(`not so after ${seconds} s: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async restart() {
      await running.close();
      running = await openProcess(stage, port);
    },
    async [Symbol.asyncDispose]() {
      await running.close();
      await stage.close();
    },
  };
}
