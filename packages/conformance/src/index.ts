export {
  type Case,
  type Disposable,
  type MakeFixture,
  type RunOptions,
  runCase,
  runCases,
  type TestApi,
} from './harness.ts';
