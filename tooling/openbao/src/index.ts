import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Why tests against a real server are skipped, for the name of the test. */
export const NO_BAO = 'no program "bao" on the PATH; .ci/run fetches it by pip where it can';

/** Path of the program, from $TIDELOCK_BAO or the PATH; null where there is none. */
export function findBao(): string | null {
  const named = process.env.TIDELOCK_BAO;
  const places = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'bao'));
  const isProgram = (file: string): boolean => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return [...(named === undefined ? [] : [named]), ...places].find(isProgram) ?? null;
}

export interface BaoServer {
  readonly address: string;
  /** Of the root token: may do everything. */
  readonly token: string;
  /** One request with the root token, `POST sys/mounts/x`; the answer's JSON. Throws for a refusal. */
  api(request: string, body?: unknown, headers?: Record<string, string>): Promise<BaoAnswer>;
  /** Ends the server, also in the middle of work. Safe to call twice. */
  stop(): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: answers of the service are looked into by tests
export type BaoAnswer = any;

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address ? done(address.port) : fail(new Error('no port')),
      );
    });
  });
}

const TOKEN = 'root-of-tests';

/** A development server (in memory, unsealed) with KV version 2 at `secret` and transit at `transit`. */
export async function startBao(): Promise<BaoServer> {
  const program = findBao();
  if (program === null) throw new Error(NO_BAO);
  const home = mkdtempSync(join(tmpdir(), 'tidelock-bao-'));
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const args = ['server', '-dev', '-dev-no-store-token', `-dev-root-token-id=${TOKEN}`];
  const child = spawn(program, [...args, `-dev-listen-address=127.0.0.1:${port}`], {
    env: { ...process.env, HOME: home },
    stdio: 'ignore',
    detached: true,
  });
  const ended = new Promise<void>((done) => {
    child.once('exit', () => done());
    child.once('error', () => done());
  });
  const stop = async (): Promise<void> => {
    // The program may have been started by a wrapper: the whole group ends.
    if (child.pid !== undefined && child.exitCode === null)
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        child.kill('SIGKILL');
      }
    await ended;
    rmSync(home, { recursive: true, force: true });
  };
  const api: BaoServer['api'] = async (request, body, headers = {}) => {
    const [method = '', path = ''] = request.split(' ');
    const answer = await fetch(`${address}/v1/${path}`, {
      method,
      headers: { 'x-vault-token': TOKEN, ...headers },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.text();
    if (answer.status >= 400) throw new Error(`${request}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  for (let tries = 0; ; tries += 1) {
    const up = await fetch(`${address}/v1/sys/health`).then(
      (answer) => answer.status === 200,
      () => false,
    );
    if (up) break;
    if (tries > 300 || child.exitCode !== null) {
      await stop();
      throw new Error('the server did not come up within 30 seconds');
    }
    await wait(100);
  }
  await api('POST sys/mounts/transit', { type: 'transit' });
  await api('POST transit/keys/tidelock-data-keys', { type: 'aes256-gcm96' });
  return { address, token: TOKEN, api, stop };
}
