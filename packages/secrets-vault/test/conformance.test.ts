import { testSecrets } from '@tidelock/conformance';
import { findBao, NO_BAO, startBao } from '@tidelock-tooling/openbao';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createVaultSecrets } from '../src/index.ts';
import { createContext, toOptions } from './context.ts';

const skip = (name: string, reason: string) => it.skip(`${name} [skipped: ${reason}]`, () => {});
const api = { describe, it: (name: string, fn: (context: unknown) => Promise<void>) => it(name, fn), skip };

if (findBao() === null) {
  skip('contract secrets@1 on a real OpenBao', NO_BAO);
} else {
  let bao: Awaited<ReturnType<typeof startBao>>;
  let count = 0;
  beforeAll(async () => {
    bao = await startBao();
  }, 60_000);
  afterAll(() => bao?.stop());

  testSecrets(api, 'OpenBao', async () => {
    count += 1;
    const part = `t${count}`;
    const away = { down: false };
    const context = createContext({
      env: { BAO_TOKEN: bao.token },
      clock: {
        ...createContext().clock,
        sleep: (ms, signal) => createContext().clock.sleep(Math.min(ms, away.down ? 1 : ms), signal),
      },
      fetch: (input, init) =>
        away.down ? Promise.reject(new TypeError('fetch failed')) : fetch(input, init),
    });
    const options = toOptions({
      address: bao.address,
      login: { token: { env: 'BAO_TOKEN' } },
      kv: { path: part },
      transit: { keyPrefix: part },
    });
    const open = async () => createVaultSecrets(options, context);
    return {
      secrets: await open(),
      reopen: open,
      breakStore: () => {
        away.down = true;
      },
      logged: () => context.logged.join('\n'),
      dispose: () => undefined,
    };
  });
}
