import type { CallOptions, FieldCatalogue, Outcome, Write } from '@tidelock/core';
import { checkFields } from './check-values.ts';
import { findContacts } from './find.ts';
import type { FolderSet } from './folders.ts';
import type { Session } from './session.ts';
import { type WriteKind, writeRecords } from './write-batch.ts';
import { toStep, toSuccess, WRITE } from './write-step.ts';

/** One outcome per write. Throws only while nothing can have been executed. */
export function writeContacts(
  session: Session,
  given: { folders: FolderSet; catalogue: FieldCatalogue; writes: readonly Write[] },
  options: CallOptions = {},
): Promise<readonly Outcome[]> {
  const { writes, catalogue, folders } = given;
  let target = '';
  const kind: WriteKind = {
    operation: WRITE,
    noun: 'contact',
    check: (write) =>
      write.op === 'delete'
        ? undefined
        : checkFields(write.op === 'create' ? write.fields : write.patch, catalogue),
    async holders(values, call) {
      const found = await findContacts(session, { by: 'stamp', values, folders }, call);
      return found.map((records) => records.map(({ id }) => id));
    },
    async prepare(call) {
      target = (await folders.keys(call))[0] ?? target;
    },
    toStep: (write) => toStep(session, write, target),
    toSuccess: (write, answer) => toSuccess(session, write, answer),
  };
  return writeRecords(session, { kind, writes }, options);
}
