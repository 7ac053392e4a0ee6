import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

// A process of its own: what this one has loaded says nothing. Without the adapter of Azure Key Vault, whose SDKs import `http`.
const PROGRAM = `
  const packages = [
    'host', 'server', 'token-entra', 'mailbox-exchange', 'crm-salesforce', 'crm-hubspot',
    'secrets-file', 'secrets-vault', 'state-sqlite', 'state-postgres',
  ];
  const guilty = [];
  const has = () => process.moduleLoadList.some((name) => name.includes('deps/undici'));
  for (const name of packages) {
    const before = has();
    await import('@tidelock/' + name);
    if (has() && !before) guilty.push(name);
  }
  const { keepMemoryLow } = await import('@tidelock/host');
  keepMemoryLow();
  const loaded = has();
  const { default: facade } = await import('node:http');
  console.log(JSON.stringify({ guilty, loaded, afterImport: has(), facade: typeof facade.Agent }));
`;

it('a process that syncs or serves does not load the HTTP client that Node brings (0776)', async () => {
  const args = [
    '--conditions=@tidelock/source',
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    PROGRAM,
  ];
  const cwd = new URL('..', import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, maxBuffer: 2 ** 24 });
  // What an import of `http` does is asked too: else the day on which Node names it otherwise would go unnoticed.
  expect(JSON.parse(stdout)).toEqual({ guilty: [], loaded: false, afterImport: true, facade: 'function' });
});
