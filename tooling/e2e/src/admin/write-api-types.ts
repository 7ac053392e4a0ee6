import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { apiDocument } from './api-document.ts';
import { apiTypes, TYPES_FILES } from './api-types.ts';

// `node --conditions=@tidelock/source tooling/e2e/src/admin/write-api-types.ts`: the types that the page is held to.

const text = apiTypes(await apiDocument());
for (const file of TYPES_FILES) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
