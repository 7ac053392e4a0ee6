export type { SandboxMailbox } from './ends.ts';
export type { Sandbox, SandboxOptions } from './sandbox.ts';
export { createSandbox } from './sandbox.ts';
