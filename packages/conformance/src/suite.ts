import type { ConformanceFault, ConformanceSuite } from '@tidelock/core';
import {
  assertWaivers,
  type Case,
  type Disposable,
  type MakeFixture,
  type RunOptions,
  runCase,
  skipAtRunTime,
  type TestApi,
} from './harness.ts';

export interface SuiteSource<F extends Disposable, C> extends Pick<RunOptions<F, C>, 'probe' | 'waivers'> {
  readonly name: string;
  readonly cases: readonly Case<F, C>[];
  readonly makeFixture: MakeFixture<F>;
  readonly faults?: readonly ConformanceFault[];
}

/** Cases bound to a fixture: what `<package>/conformance` exports, and what `testSuite` registers. */
export function createSuite<F extends Disposable, C>(source: SuiteSource<F, C>): ConformanceSuite {
  const { name, cases, makeFixture, probe, waivers = {}, faults } = source;
  assertWaivers(name, cases, waivers);
  return {
    name,
    cases: cases.map(({ id, title, ...item }) => {
      const waived = waivers[id];
      return waived === undefined
        ? { id, title, run: () => runCase({ id, title, ...item }, makeFixture, probe) }
        : { id, title, waived, run: async () => waived };
    }),
    ...(faults ? { faults } : {}),
  };
}

/** Registers the cases of a suite, and the proof that it notices faults, with a test framework. */
export function testSuite(api: TestApi, suite: ConformanceSuite): void {
  api.describe(suite.name, () => {
    for (const item of suite.cases) {
      const name = `${item.id} ${item.title}`;
      if (item.waived !== undefined) {
        api.skip(name, item.waived);
        continue;
      }
      api.it(name, async (context) => {
        const reason = await item.run();
        if (reason !== null) skipAtRunTime(context, item.id, reason);
      });
    }
  });
  if (suite.faults === undefined) return;
  api.describe(`${suite.name}, broken on purpose`, () => {
    for (const fault of suite.faults ?? []) {
      api.it(`"${fault.name}" is noticed`, async (context) => {
        const result = await fault.run();
        if ('skipped' in result) skipAtRunTime(context, fault.name, result.skipped);
        else if (result.noticedBy === null)
          throw new Error(
            `the suite passes on an adapter in which ${fault.name}: the fixture is blind to it`,
          );
      });
    }
  });
}
