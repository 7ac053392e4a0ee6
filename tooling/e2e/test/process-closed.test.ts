import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createConsentStage } from '../src/consent/world.ts';
import { startServed } from '../src/served.ts';

vi.setConfig({ testTimeout: 180_000 });

const LIMITS = 'ulimit -c unlimited; exec "$@"';
const ANY_PORT = { NODE_OPTIONS: '--inspect-port=0' };

const isAlive = async (origin: string): Promise<boolean> => (await fetch(`${origin}/healthz`)).ok;

/** Whether a crash leaves a file in the folder that a process works in, as far as this machine is concerned. */
const leavesCores = ((): boolean => {
  if (process.platform !== 'linux') return false;
  const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim();
  const isFile = pattern !== '' && !/[|/]/.test(pattern);
  return isFile && spawnSync('bash', ['-c', 'ulimit -c unlimited && command -v prlimit']).status === 0;
})();

const coresIn = (folder: string): string[] => readdirSync(folder).filter((name) => /^core(\.|$)/.test(name));

describe('a server that is given everything that would open it', () => {
  it('opens no debugger on a signal, and goes on', async () => {
    await using stage = await createConsentStage();
    await using served = await startServed(stage.configPath, { cwd: stage.folder, env: ANY_PORT });
    served.child.kill('SIGUSR1');
    expect(await isAlive(served.origin)).toBe(true);
    expect(await isAlive(served.origin)).toBe(true);
    expect(served.said()).not.toContain('Debugger');
  });

  it('control: a program that does not listen for the signal opens one', () => {
    const program = 'process.kill(process.pid, "SIGUSR1"); setTimeout(() => {}, 2_000)';
    const { stderr } = spawnSync(process.execPath, ['--inspect-port=0', '-e', program], { encoding: 'utf8' });
    expect(stderr).toContain('Debugger listening');
  });

  it('says what stands open, and nothing where nothing does', async () => {
    await using stage = await createConsentStage();
    const env = { NODE_OPTIONS: '--heapsnapshot-signal=SIGUSR2' };
    await using open = await startServed(stage.configPath, { cwd: stage.folder, env });
    await open.until('it says so', () => open.said().includes('Start it without --heapsnapshot-signal'));
    open.child.kill('SIGTERM');
    await open.ended;
    await using closed = await startServed(stage.configPath, { cwd: stage.folder });
    expect(await isAlive(closed.origin)).toBe(true);
    expect(closed.said()).not.toContain('note');
  });

  describe.skipIf(!leavesCores)(
    'that crashes [skipped: core files of this machine do not lie where a process works, or prlimit is not there]',
    () => {
      it('leaves no core file, where another program leaves one', async () => {
        await using stage = await createConsentStage();
        spawnSync('bash', ['-c', LIMITS, 'x', process.execPath, '-e', 'process.abort()'], {
          cwd: stage.folder,
        });
        expect(coresIn(stage.folder)).toHaveLength(1);
        const folder = join(stage.folder, 'data');
        await using served = await startServed(stage.configPath, { cwd: folder, shell: LIMITS });
        expect(readFileSync(`/proc/${served.child.pid}/limits`, 'utf8')).toMatch(
          /^Max core file size\s+0\s+0\s/m,
        );
        served.child.kill('SIGABRT');
        expect(await served.ended).toBe('SIGABRT');
        expect(coresIn(folder)).toEqual([]);
      });
    },
  );
});
