import { type Case, type MakeFixture, runCases, type TestApi } from '../harness.ts';
import { keyCases } from './key-cases.ts';
import { secretStoreCases } from './secret-store-cases.ts';
import { readSecretsTraits, type SecretsFixture, type SecretsTraits } from './secrets-fixture.ts';

export const secretsCases: readonly Case<SecretsFixture, SecretsTraits>[] = [
  ...secretStoreCases,
  ...keyCases,
];

/** Contract `secrets@1`: store, keys and wrapper, each as far as the adapter declares it. */
// biome-ignore lint/complexity/useMaxParams: framework, name, fixture, waivers is the order of every suite function
export function testSecrets(
  api: TestApi,
  name: string,
  makeFixture: MakeFixture<SecretsFixture>,
  waivers: Readonly<Record<string, string>> = {},
): void {
  runCases(api, `secrets: ${name}`, secretsCases, makeFixture, { probe: readSecretsTraits, waivers });
}
