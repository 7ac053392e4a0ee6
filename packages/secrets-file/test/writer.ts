import { argv, stdout } from 'node:process';
import { isAdapterError } from '@tidelock/core';
import { createFileSecrets } from '../src/index.ts';
import { createContext, OPTIONS } from './context.ts';

/** A process of its own: `writer.ts <dataDir> count <times>` increments, `writer.ts <dataDir> spin` writes until killed. */
const [, , dataDir = '', mode = '', times = '0'] = argv;
const secrets = await createFileSecrets(OPTIONS, createContext(dataDir));
const { store } = secrets;

async function increment(): Promise<void> {
  for (;;) {
    const present = await store.get('counter');
    const next = String(Number(new TextDecoder().decode(present?.value)) + 1);
    try {
      await store.put('counter', new TextEncoder().encode(next), { expected: present?.version ?? null });
      return;
    } catch (error) {
      if (!isAdapterError(error) || error.kind !== 'conflict') throw error;
    }
  }
}

if (mode === 'count') {
  for (let done = 0; done < Number(times); done += 1) await increment();
} else {
  for (let round = 0; ; round += 1) {
    await store.put('spin', new Uint8Array(2000).fill(round % 256));
    stdout.write('.');
  }
}
