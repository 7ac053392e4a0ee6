import { describe, it } from 'node:test';
import { testSuite } from '@tidelock/conformance';
import { conformance } from '../src/conformance/index.ts';

const api = {
  describe: (name: string, fn: () => void) => void describe(name, fn),
  it: (name: string, fn: (context?: unknown) => Promise<void>) => void it(name, (context) => fn(context)),
  skip: (name: string, reason: string) => void it.skip(`${name} [skipped: ${reason}]`, () => {}),
};

for (const suite of conformance.suites) testSuite(api, suite);
