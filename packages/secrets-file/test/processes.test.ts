import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFileSecrets } from '../src/index.ts';
import { createContext, createPlace, OPTIONS } from './context.ts';

const WRITER = fileURLToPath(new URL('./writer.ts', import.meta.url));
let place: ReturnType<typeof createPlace>;

beforeEach(() => {
  place = createPlace();
});
afterEach(() => place.remove());

function start(...args: readonly string[]): ChildProcess {
  const flags = ['--conditions=@tidelock/source', '--disable-warning=ExperimentalWarning'];
  return spawn(execPath, [...flags, WRITER, place.dataDir, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

const text = (value: Uint8Array | undefined) => new TextDecoder().decode(value);
const open = () => createFileSecrets(OPTIONS, createContext(place.dataDir));

it('eight processes with 25 increments each lose none', async () => {
  const first = await open();
  await first.store.put('counter', new TextEncoder().encode('0'));
  const children = Array.from({ length: 8 }, () => start('count', '25'));
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
  expect(codes).toEqual(Array.from({ length: 8 }, () => 0));
  expect(text((await first.store.get('counter'))?.value)).toBe('200');
  expect(readdirSync(place.dataDir).sort()).toEqual(['master.key', 'secrets.jwe']);
});

it('kill -9 in the middle of writing never leaves an unreadable file or a lock for good', async () => {
  const secrets = await open();
  await secrets.store.put('kept', new TextEncoder().encode('kept'));
  let before = await secrets.revision();
  for (let round = 0; round < 12; round += 1) {
    const child = start('spin');
    let writes = 0;
    await new Promise<void>((done) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        writes += chunk.length;
        if (writes >= 1 + round) done();
      });
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(text((await secrets.store.get('kept'))?.value)).toBe('kept');
    const after = await secrets.revision();
    expect(after).toBeGreaterThan(before);
    before = after;
    const spun = (await secrets.store.get('spin'))?.value;
    expect(new Set(spun).size).toBe(1);
  }
  // A claim that was killed before it said whose it is can be told from a new one by its age only.
  for (const name of readdirSync(place.dataDir).filter((each) => /^secrets\.jwe\.lock\./.test(each))) {
    const old = new Date(Date.now() - 61_000);
    utimesSync(`${place.dataDir}/${name}`, old, old);
  }
  await secrets.store.put('kept', new TextEncoder().encode('again'));
  expect(readdirSync(place.dataDir).sort()).toEqual(['master.key', 'secrets.jwe']);
});

/** This process as the holder of a lock. */
function ownOwner() {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  return {
    pid: process.pid,
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    start: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19],
    namespace: readlinkSync('/proc/self/ns/pid'),
    nonce: 'abcdefabcdef',
  };
}

function writeLock(owner: object, file = `${place.file}.lock`): void {
  writeFileSync(file, JSON.stringify(owner), { mode: 0o600 });
}

const GONE: Readonly<Record<string, object>> = {
  'of an earlier boot': { boot: 'another-boot' },
  'of a process that has ended': { pid: 2 ** 22 + 7 },
  'of another process with our pid': { start: '1' },
};

for (const [name, difference] of Object.entries(GONE)) {
  it(`a lock ${name} is broken`, async () => {
    writeLock({ ...ownOwner(), ...difference });
    const secrets = await open();
    await secrets.store.put('a', new Uint8Array([1]));
    expect(readdirSync(place.dataDir).sort()).toEqual(['master.key', 'secrets.jwe']);
  });
}

it('a breaker that was killed while breaking does not keep the lock for ever', async () => {
  writeLock({ ...ownOwner(), start: '1' });
  writeLock({ ...ownOwner(), start: '2' }, `${place.file}.lock.break`);
  const secrets = await open();
  await secrets.store.put('a', new Uint8Array([1]));
  expect(readdirSync(place.dataDir).sort()).toEqual(['master.key', 'secrets.jwe']);
});

/** A store whose clock runs a second with each wait. */
async function openHurried() {
  const context = createContext(place.dataDir);
  let waited = 0;
  const sleep = async () => {
    waited += 1000;
  };
  const clock = { ...context.clock, mono: () => waited, sleep };
  return createFileSecrets(OPTIONS, { ...context, clock });
}

it('a lock whose owner lives is respected until the deadline', async () => {
  writeLock(ownOwner());
  const secrets = await openHurried();
  const refusal = { kind: 'unavailable', code: 'LOCK_TIMEOUT' };
  await expect(secrets.store.put('a', new Uint8Array([1]))).rejects.toMatchObject(refusal);
  expect(readdirSync(place.dataDir)).toContain('secrets.jwe.lock');
});

it('a lock from another container is respected for a minute, then given up', async () => {
  writeLock({ ...ownOwner(), namespace: 'pid:[1]', pid: 2 ** 22 + 7 });
  const secrets = await openHurried();
  await expect(secrets.store.put('a', new Uint8Array([1]))).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' });
  const old = new Date(Date.now() - 61_000);
  utimesSync(`${place.file}.lock`, old, old);
  await secrets.store.put('a', new Uint8Array([1]));
  expect(await secrets.store.list()).toEqual(['a']);
});

it('leftovers of killed writers are removed by the next writer, foreign files are not', async () => {
  mkdirSync(`${place.dataDir}/state`);
  writeFileSync(`${place.dataDir}/.secrets.jwe.abcdefabcdef.tmp`, 'left');
  writeFileSync(`${place.dataDir}/.other.1.abcdefabcdef.tmp`, 'foreign');
  writeLock({ ...ownOwner(), start: '1' }, `${place.file}.lock.0123456789ab`);
  const secrets = await open();
  await secrets.store.put('a', new Uint8Array([1]));
  expect(readdirSync(place.dataDir).sort()).toEqual([
    '.other.1.abcdefabcdef.tmp',
    'master.key',
    'secrets.jwe',
    'state',
  ]);
});
