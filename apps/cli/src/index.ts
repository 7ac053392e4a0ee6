export { toEntry, toOutlook } from './demo/entry.ts';
export { loadPeople } from './demo/people.ts';
export { readVcards } from './demo/vcard.ts';
export { EXIT, type ExitCode } from './exit-code.ts';
export { run, type Surroundings } from './program.ts';
export type { Terminal } from './terminal.ts';
