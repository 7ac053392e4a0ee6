import type { ConformanceSuite } from '@tidelock/core';
import type { Case, MakeFixture, TestApi } from '../harness.ts';
import { createSuite, testSuite } from '../suite.ts';
import { keyCases } from './key-cases.ts';
import { secretStoreCases } from './secret-store-cases.ts';
import { readSecretsTraits, type SecretsFixture, type SecretsTraits } from './secrets-fixture.ts';

export const secretsCases: readonly Case<SecretsFixture, SecretsTraits>[] = [
  ...secretStoreCases,
  ...keyCases,
];

/** Contract `secrets@1`: store, keys and wrapper, each as far as the adapter declares it. */
export function secretsSuite(
  name: string,
  makeFixture: MakeFixture<SecretsFixture>,
  waivers: Readonly<Record<string, string>> = {},
): ConformanceSuite {
  return createSuite({
    name: `secrets: ${name}`,
    cases: secretsCases,
    makeFixture,
    probe: readSecretsTraits,
    waivers,
  });
}

/** Registers `secretsSuite` with a test framework. */
// biome-ignore lint/complexity/useMaxParams: framework, name, fixture, waivers is the order of every suite function
export function testSecrets(
  api: TestApi,
  name: string,
  makeFixture: MakeFixture<SecretsFixture>,
  waivers: Readonly<Record<string, string>> = {},
): void {
  testSuite(api, secretsSuite(name, makeFixture, waivers));
}
