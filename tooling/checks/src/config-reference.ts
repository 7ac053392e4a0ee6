import { readFileSync, writeFileSync } from 'node:fs';
import { generatedValues, PAGES } from './reference/generated-values.ts';
import { fillRegions } from './reference/regions.ts';
import { repository } from './steps.ts';

// `node --conditions=@tidelock/source tooling/checks/src/config-reference.ts [--write]`: the generated parts of the
// documentation. Without --write, exit code 1 where a page is out of date.

const values = generatedValues();
for (const page of PAGES) {
  const present = readFileSync(`${repository}${page}`, 'utf8');
  const wanted = fillRegions(present, values);
  if (wanted === present) continue;
  if (process.argv.includes('--write')) writeFileSync(`${repository}${page}`, wanted);
  else {
    console.log(`${page} is out of date: run tooling/checks/src/config-reference.ts --write`);
    process.exitCode = 1;
  }
}
