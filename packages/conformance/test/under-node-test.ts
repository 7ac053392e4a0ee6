import { describe, it } from 'node:test';
import { createReferenceFixture, REFERENCE_MODEST, testRecordStore } from '../src/index.ts';

testRecordStore(
  {
    describe: (name, fn) => void describe(name, fn),
    it: (name, fn) => void it(name, (context) => fn(context)),
    skip: (name, reason) => void it.skip(`${name} [skipped: ${reason}]`, () => {}),
  },
  'reference under node:test',
  () => createReferenceFixture(REFERENCE_MODEST),
  { 'record-store-084': 'to see a waiver counted' },
);
