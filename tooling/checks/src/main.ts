import { fileURLToPath } from 'node:url';
import { rules } from './rules.ts';
import { readTree } from './tree.ts';

// `node tooling/checks/src/main.ts [directory]`: the structure checks. Exit code 1 where there are findings.

const root = process.argv[2] ?? fileURLToPath(new URL('../../..', import.meta.url));
const tree = readTree(root);
const findings = rules.flatMap((rule) => [...rule.check(tree)]);

for (const { rule, thing, reason, remedy } of findings) {
  console.log(`${thing}\n  [${rule}] ${reason}\n  ${remedy}`);
}
if (findings.length > 0) {
  console.log(`${findings.length} findings by ${rules.length} rules`);
  process.exitCode = 1;
}
