import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
  await secrets.store.put('kept', new TextEncoder().encode('again'));
  expect(readdirSync(place.dataDir).sort()).toEqual(['master.key', 'secrets.jwe']);
});

const OWNERS: Readonly<Record<string, object>> = {
  'of an earlier boot': { pid: process.pid, boot: 'another-boot', start: '1' },
  'of a process that has ended': { boot: null, pid: 2 ** 22 + 7, start: null },
  'of another process with our pid': { pid: process.pid, start: '1' },
};

for (const [name, owner] of Object.entries(OWNERS)) {
  it(`a lock ${name} is broken`, async () => {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const filled = { boot, ...owner };
    const asNull = 'boot' in owner && owner.boot === null ? { ...filled, boot } : filled;
    writeFileSync(`${place.file}.lock`, JSON.stringify(asNull), { mode: 0o600 });
    const secrets = await open();
    await secrets.store.put('a', new Uint8Array([1]));
    expect(readdirSync(place.dataDir).sort()).toEqual(['master.key', 'secrets.jwe']);
  });
}

it('a lock whose owner lives is respected until the deadline, which is measured on the clock handed in', async () => {
  const stat = readFileSync(`/proc/${process.pid}/stat`, 'utf8');
  const owner = {
    pid: process.pid,
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    start: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19],
  };
  writeFileSync(`${place.file}.lock`, JSON.stringify(owner), { mode: 0o600 });
  const context = createContext(place.dataDir);
  let mono = 0;
  const clock = {
    ...context.clock,
    mono: () => mono,
    sleep: async () => {
      mono += 1000;
    },
  };
  const secrets = await createFileSecrets(OPTIONS, { ...context, clock });
  await expect(secrets.store.put('a', new Uint8Array([1]))).rejects.toMatchObject({
    kind: 'unavailable',
    code: 'LOCK_TIMEOUT',
  });
  expect(readdirSync(place.dataDir)).toContain('secrets.jwe.lock');
});

it('leftovers of killed writers are removed by the next writer, foreign files are not', async () => {
  mkdirSync(`${place.dataDir}/state`);
  writeFileSync(`${place.dataDir}/.secrets.jwe.1.abcdefabcdef.tmp`, 'left');
  writeFileSync(`${place.dataDir}/.other.1.abcdefabcdef.tmp`, 'foreign');
  writeFileSync(`${place.dataDir}/secrets.jwe.lock.${2 ** 22 + 9}.abcdefabcdef`, 'left');
  const secrets = await open();
  await secrets.store.put('a', new Uint8Array([1]));
  expect(readdirSync(place.dataDir).sort()).toEqual([
    '.other.1.abcdefabcdef.tmp',
    'master.key',
    'secrets.jwe',
    'state',
  ]);
});
