import { describe, it } from 'node:test';
import { testRecordStore } from '../src/record-store/suite.ts';
import { REFERENCE_MODEST } from '../src/reference/catalogue.ts';
import { createReferenceFixture } from '../src/reference/fixture.ts';

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
