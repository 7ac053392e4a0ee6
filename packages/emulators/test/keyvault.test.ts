import { expect, it } from 'vitest';
import { createKeyVault, createManualClock } from '../src/index.ts';

const MACHINE = '22222222-2222-4222-8222-222222222222';

type Json = ReturnType<typeof JSON.parse>;
const json = async (answer: Response): Promise<Json> => JSON.parse(await answer.text());

async function open(settings = {}) {
  const clock = createManualClock(1_790_000_000_000);
  const vault = createKeyVault({ clock, seed: 1, settings });
  vault.admin.assignMachine(MACHINE, 'EXAMPLE');
  const url = 'http://169.254.130.1/msi/token?resource=https%3A%2F%2Fvault.azure.net';
  const answer = await vault.fetch(new Request(url, { headers: { 'x-identity-header': 'EXAMPLE' } }));
  const { access_token: token } = await json(answer);
  const send = async (method: string, path: string, body?: unknown) => {
    const request = new Request(`${vault.vaultUrl}${path}?api-version=7.6`, {
      ...{ method, headers: { authorization: `Bearer ${token}` } },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const given = await vault.fetch(request);
    return { status: given.status, body: given.status === 204 ? null : await json(given) };
  };
  return { vault, clock, send };
}

it('while a deletion is under way the name is neither there nor free, then recoverable, then gone', async () => {
  const { clock, send } = await open({ transitionMs: 5000 });
  await send('PUT', '/secrets/a', { value: 'x' });
  await send('DELETE', '/secrets/a');
  expect((await send('GET', '/deletedsecrets/a')).status).toBe(404);
  expect((await send('PUT', '/secrets/a', { value: 'y' })).body.error.innererror.code).toBe(
    'ObjectIsBeingDeleted',
  );
  clock.advance(5001);
  expect((await send('PUT', '/secrets/a', { value: 'y' })).body.error.innererror.code).toBe(
    'ObjectIsDeletedButRecoverable',
  );
  await send('POST', '/deletedsecrets/a/recover');
  expect((await send('PUT', '/secrets/a', { value: 'y' })).body.error.innererror.code).toBe(
    'ObjectIsBeingRecovered',
  );
  clock.advance(5001);
  expect((await send('PUT', '/secrets/a', { value: 'y' })).status).toBe(200);
});

it('purge protection refuses to purge, names are not case-sensitive, and a disabled secret cannot be read', async () => {
  const { send } = await open({ purgeProtection: true });
  await send('PUT', '/secrets/Name', { value: 'x' });
  expect((await send('GET', '/secrets/nAME')).body.value).toBe('x');
  const { body } = await send('GET', '/secrets/name');
  await send('PATCH', `/secrets/name/${body.id.split('/').at(-1)}`, { attributes: { enabled: false } });
  expect((await send('GET', '/secrets/name')).body.error.innererror.code).toBe('SecretDisabled');
  await send('DELETE', '/secrets/name');
  expect((await send('DELETE', '/deletedsecrets/name')).status).toBe(403);
});

it('what the service refuses as bad is refused', async () => {
  const { send, vault } = await open();
  const bad: readonly (readonly [string, string, unknown])[] = [
    ['PUT', '/secrets/under_score', { value: 'x' }],
    ['PUT', '/secrets/a', {}],
    ['PUT', '/secrets/a', { value: 'x'.repeat(25 * 1024 + 1) }],
    ['PUT', '/secrets/a', { value: 'x', tags: { t: 'y'.repeat(257) } }],
    ['POST', '/keys/a/create', { kty: 'EC' }],
    ['POST', '/keys/a/create', { kty: 'RSA', key_size: 1024 }],
    ['PUT', '/keys/a', { key: { kty: 'RSA', n: 'AQAB' } }],
  ];
  for (const [method, path, body] of bad) expect((await send(method, path, body)).status, path).toBe(400);
  expect(vault.oracle.secrets().size + vault.oracle.keys().length).toBe(0);
});

it('a token ends after its hour', async () => {
  const { send, clock } = await open();
  expect((await send('GET', '/secrets')).status).toBe(200);
  clock.advance(3_600_000);
  expect((await send('GET', '/secrets')).status).toBe(401);
});
