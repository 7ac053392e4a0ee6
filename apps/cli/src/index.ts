export { EXIT, type ExitCode } from './exit-code.ts';
export { run, type Surroundings } from './program.ts';
export type { Terminal } from './terminal.ts';
