import { editWrites } from '../src/record-store/fault.ts';
import { ids, type Mutant } from './mutant.ts';

export const writeMutants: readonly Mutant[] = [
  {
    name: 'a patch writes properties that it was not given',
    killedBy: ids('043'),
    breaks: (store) =>
      editWrites(store, (write) =>
        write.op === 'update' ? { ...write, patch: { ...write.current.fields, ...write.patch } } : write,
      ),
  },
  {
    name: 'the version of an update is ignored',
    killedBy: ids('045'),
    actual: { conditionalUpdate: false },
  },
  {
    name: 'the version of a delete is ignored',
    killedBy: ids('054'),
    actual: { conditionalDelete: false },
  },
  {
    name: 'a condition is sent that was declared absent',
    killedBy: ids('046'),
    capabilities: { conditionalUpdate: false },
    actual: { conditionalUpdate: true },
  },
  {
    name: 'long values are cut in silence',
    killedBy: ids('084'),
    breaks: (store) =>
      editWrites(store, (write) => {
        if (write.op !== 'update') return write;
        const cut = Object.entries(write.patch).map(([property, value]) => [
          property,
          property === 'city' && typeof value === 'string' ? value.slice(0, 40) : value,
        ]);
        return { ...write, patch: Object.fromEntries(cut) };
      }),
  },
  {
    name: 'line breaks are lost',
    killedBy: ids('080'),
    breaks: (store) =>
      editWrites(store, (write) =>
        write.op === 'update' && typeof write.patch.notes === 'string'
          ? { ...write, patch: { ...write.patch, notes: write.patch.notes.replaceAll('\n', ' ') } }
          : write,
      ),
  },
];
