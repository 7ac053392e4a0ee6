import { writeFileSync } from 'node:fs';
import { testSecrets } from '@tidelock/conformance';
import { describe, it } from 'vitest';
import { createFileSecrets } from '../src/index.ts';
import { createContext, createPlace, OPTIONS } from './context.ts';

const skip = (name: string, reason: string) => it.skip(`${name} [skipped: ${reason}]`, () => {});
const api = { describe, it: (name: string, fn: (context: unknown) => Promise<void>) => it(name, fn), skip };

testSecrets(api, 'encrypted file', async () => {
  const place = createPlace();
  const open = () => createFileSecrets(OPTIONS, createContext(place.dataDir));
  return {
    secrets: await open(),
    reopen: open,
    breakStore: () => writeFileSync(place.file, '{"protected":"x"}'),
    dispose: () => place.remove(),
  };
});
