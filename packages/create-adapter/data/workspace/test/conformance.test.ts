import { type TestApi, testSuite } from '@tidelock/conformance';
import { describe, it } from 'vitest';
import { conformance } from '../src/conformance/index.ts';

const api: TestApi = {
  describe,
  it: (name, run) => it(name, (context) => run(context)),
  skip: (name, reason) => it.skip(`${name} [skipped: ${reason}]`, () => {}),
};

for (const suite of conformance.suites) testSuite(api, suite);
