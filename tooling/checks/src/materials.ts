import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Outcome, run } from './command.ts';
import { repository } from './steps.ts';
import { type Lock, productionOf, wrongIn } from './supply-chain.ts';

const outcome = (problems: readonly string[], stdout = ''): Outcome => ({
  ok: problems.length === 0,
  output: problems.join('\n'),
  stdout,
});

/** As the script of the container image makes it, compared with what the lock file says that the program brings along. */
export async function billOfMaterials(pnpm: string): Promise<Outcome> {
  const flags = ['--prod', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
  const args = ['--yes', pnpm, '--silent', '--filter', '@tidelock/cli', 'sbom', ...flags];
  const made = await run({ program: 'npx', args, cwd: repository });
  if (!made.ok) return made;
  const lock = parse(readFileSync(`${repository}pnpm-lock.yaml`, 'utf8')) as Lock;
  const { missing, extra } = wrongIn(JSON.parse(made.stdout), productionOf(lock, 'apps/cli'));
  return outcome([
    ...missing.map((key) => `${key} is not in the bill of materials`),
    ...extra.map((key) => `${key} is in the bill of materials, and in no program`),
  ]);
}

/** What a registry says that answers no such question. */
const UNANSWERED = /ERR_PNPM_AUDIT_(BAD_RESPONSE|ENDPOINT_NOT_EXISTS)|ENOTFOUND|ECONNREFUSED|fetch failed/i;

/**
 * Known weaknesses of what the program brings along. One that does not matter here is explained beside its id, under
 * `auditConfig` in pnpm-workspace.yaml.
 */
export async function knownWeaknesses(pnpm: string): Promise<Outcome> {
  const args = ['--yes', pnpm, 'audit', '--prod', '--audit-level', 'low'];
  const found = await run({ program: 'npx', args, cwd: repository });
  if (found.ok || !UNANSWERED.test(found.output)) return found;
  console.log('note   the registry answers no audit here: nothing is known of weaknesses');
  return outcome([]);
}
