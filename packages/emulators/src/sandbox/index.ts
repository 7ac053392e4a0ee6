export type { Connection, SandboxMailbox } from './ends.ts';
export type { Sandbox, SandboxCertificate, SandboxOptions } from './sandbox.ts';
export { createSandbox } from './sandbox.ts';
