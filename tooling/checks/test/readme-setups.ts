/** What a README's example takes for granted, as source text that runs before it. By path of the README. */

const CONTEXT = `
import { mkdtempSync as __mkdtemp, rmSync as __rm } from 'node:fs';
import { tmpdir as __tmpdir } from 'node:os';
import { createSystemClock as __clock, createSystemRandom as __random, openSecrets as __openSecrets } from '@tidelock/host';
const clock = __clock();
const random = __random();
const log = { debug() {}, info() {}, warn() {}, error() {} };
const dataDir = __mkdtemp(__tmpdir() + '/tidelock-readme-');
process.on('exit', () => __rm(dataDir, { recursive: true, force: true }));
`;

const SECRETS = `
import { X509Certificate as __X509 } from 'node:crypto';
import { createFileSecrets as __createSecrets } from '@tidelock/secrets-file';
const __keys = { file: 'secrets.jwe', keys: [{ keyFile: 'master.key', create: true }] };
const secrets = await __createSecrets(__keys, { clock, random, log, dataDir, fetch });
const __pem = async (name) =>
  new __X509((await secrets.keys.create(name, { commonName: 'Tidelock' })).der).toString();
`;

const MICROSOFT = `
import { createMicrosoft365 as __createMicrosoft } from '@tidelock/emulators';
const microsoft365 = __createMicrosoft();
const fetch = microsoft365.fetch;
const { id: tenant } = microsoft365.admin.createTenant({ domain: 'contoso.example', displayName: 'Contoso' });
const { clientId } = microsoft365.admin.registerApp({ tenantId: tenant, displayName: 'Tidelock' });
microsoft365.admin.consent(tenant, clientId, ['Contacts.ReadWrite', 'User.Read.All']);
const __ann = microsoft365.admin.addUser(tenant, { mail: 'ann@contoso.example', displayName: 'Ann' });
microsoft365.admin.seedContacts(__ann.id, [{ givenName: 'Bea', surname: 'Lee' }]);
`;

export const SETUPS: Readonly<Record<string, string>> = {
  'packages/kit/README.md': `${CONTEXT}
const fetch = async () => new Response('{"name":"Ann"}', { headers: { 'content-type': 'application/json' } });
`,
  'packages/state-sqlite/README.md': CONTEXT,
  'packages/token-entra/README.md': `${CONTEXT}${MICROSOFT}${SECRETS}
microsoft365.admin.addCertificate(clientId, await __pem('entra/2026-b'));
const response = new Response(null, { status: 401 });
`,
  'packages/mailbox-exchange/README.md': `${CONTEXT}${MICROSOFT}${SECRETS}
import { createEntraTokens as __createTokens } from '@tidelock/token-entra';
microsoft365.admin.addCertificate(clientId, await __pem('mailbox-1'));
const token = __createTokens({ clientId, keys: ['mailbox-1'], cloud: 'global' }, { clock, random, fetch, log, dataDir, secrets });
const context = { clock, random, fetch, log, dataDir, secrets, token };
`,
  'packages/crm-salesforce/README.md': `${CONTEXT}
import { createSalesforce as __createOrg } from '@tidelock/emulators';
const __org = __createOrg({ clock, seed: 1 });
const fetch = (input, init) => __org.fetch(new Request(input, init));
${SECRETS}
__org.admin.addField('Contact', { name: 'TidelockKey__c', label: 'TidelockKey', type: 'string', length: 64, unique: true, externalId: true });
__org.admin.registerApp({ consumerKey: '3MVG9...', certPem: await __pem('salesforce'), name: 'Tidelock' });
__org.admin.approve(__org.admin.addUser({ username: 'tidelock@acme.example' }), '3MVG9...');
const context = { clock, random, fetch, log, dataDir, secrets, token: null };
`,
  'packages/crm-hubspot/README.md': `${CONTEXT}
import { createHubSpot as __createAccount } from '@tidelock/emulators';
const __account = __createAccount({ clock, seed: 1 });
const __token = __account.admin.createPrivateApp({ name: 'Tidelock' }).token;
__account.admin.addProperty('contacts', { name: 'tidelock_key', hasUniqueValue: true });
const fetch = (input, init) => {
  const request = new Request(input, init);
  request.headers.set('authorization', 'Bearer ' + __token);
  return __account.fetch(request);
};
const context = { clock, random, fetch, log, dataDir, secrets: null, token: null };
`,
  'packages/host/README.md': `${CONTEXT}
import { createSandbox as __createSandbox } from '@tidelock/emulators';
await using __sandbox = await __createSandbox({ folder: dataDir });
{
  await using opened = await __openSecrets({ configPath: __sandbox.configPath, resolveFrom: import.meta.url });
  const { keys, store } = opened.secrets;
  const make = async (name) => (await keys.create(name, { commonName: 'Tidelock' })).der;
  await store.put('tenant-id', new TextEncoder().encode(__sandbox.tenantId));
  __sandbox.trust({ mailbox: await make(__sandbox.keys.mailbox), crm: await make(__sandbox.keys.crm) });
}
process.chdir(dataDir);
`,
};
