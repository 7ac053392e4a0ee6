import { expect, test } from 'vitest';
import { weaknesses } from '../src/hardening.ts';

const closed = {
  core: '0',
  inspector: undefined,
  flags: ['--conditions=@tidelock/source', '--max-old-space-size=200'],
};

test('a process that nothing gets out of has no weakness', () => {
  expect(weaknesses(closed)).toEqual([]);
  expect(weaknesses({ ...closed, core: null })).toEqual([]);
});

test.each([
  [{ ...closed, core: 'unlimited' }, 'core file'],
  [{ ...closed, inspector: 'ws://127.0.0.1:9229/x' }, 'debugger'],
  [{ ...closed, flags: ['--heapsnapshot-signal=SIGUSR2'] }, '--heapsnapshot-signal'],
  [{ ...closed, flags: ['--heapsnapshot-near-heap-limit=1'] }, '--heapsnapshot-near-heap-limit'],
  [{ ...closed, flags: ['', '--abort-on-uncaught-exception'] }, '--abort-on-uncaught-exception'],
])('%j: each is said with what to do', (look, text) => {
  const [one, ...more] = weaknesses(look);
  expect([one?.text, more]).toEqual([expect.stringContaining(text), []]);
  expect(one?.remedy).toMatch(/^Start it with/);
});
