import { existsSync, readFileSync } from 'node:fs';
import { SHARED } from '@tidelock-tooling/openapi';
import { describe, expect, it } from 'vitest';
import { createKeyVault, createManualClock, type KeyVault } from '../src/index.ts';
import { createMismatch } from './example-shape.ts';

const FOLDER = `${SHARED}reference/examples/keyvault/`;
const read = (name: string) => JSON.parse(readFileSync(`${FOLDER}${name}.json`, 'utf8'));
const mismatch = createMismatch(new Set(['code', 'kty', 'recoveryLevel', 'recoverableDays', 'token_type']));
const MACHINE = '22222222-2222-4222-8222-222222222222';

type Json = ReturnType<typeof JSON.parse>;
const json = async (answer: Response): Promise<Json> => JSON.parse(await answer.text());

async function enter(vault: KeyVault): Promise<string> {
  vault.admin.assignMachine(MACHINE, 'EXAMPLE');
  const url = 'http://169.254.130.1/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net';
  const answer = await vault.fetch(new Request(url, { headers: { 'x-identity-header': 'EXAMPLE' } }));
  return (await json(answer)).access_token;
}

type Send = (method: string, path: string, body?: unknown) => Promise<Response>;

function sender(vault: KeyVault, token: string | null): Send {
  return (method, path, body) =>
    vault.fetch(
      new Request(`${vault.vaultUrl}${path}${path.includes('?') ? '&' : '?'}api-version=7.6`, {
        ...{ method, headers: token === null ? {} : { authorization: `Bearer ${token}` } },
        body: body === undefined ? null : JSON.stringify(body),
      }),
    );
}

/** What has to be there before, and the request in the emulator's own ids. */
const CASES: Readonly<Record<string, (send: Send) => Promise<Response>>> = {
  'secret-set': (send) => send('PUT', '/secrets/crm-password', read('secret-set').request.body),
  async 'secret-get-latest'(send) {
    await send('PUT', '/secrets/crm-password', read('secret-set').request.body);
    return send('GET', '/secrets/crm-password/');
  },
  async 'secret-get-version'(send) {
    const made = await json(await send('PUT', '/secrets/crm-password', { value: 'EXAMPLE-p0' }));
    return send('GET', `/secrets/crm-password/${made.id.split('/').at(-1)}`);
  },
  'secret-not-found': (send) => send('GET', '/secrets/absent/'),
  async 'secret-delete'(send) {
    await send('PUT', '/secrets/crm-password', { value: 'x' });
    return send('DELETE', '/secrets/crm-password');
  },
  async 'deleted-secret-get'(send) {
    await send('PUT', '/secrets/crm-password', { value: 'x' });
    await send('DELETE', '/secrets/crm-password');
    return send('GET', '/deletedsecrets/crm-password');
  },
  async 'secret-conflict-deleted'(send) {
    await send('PUT', '/secrets/crm-password', { value: 'x' });
    await send('DELETE', '/secrets/crm-password');
    return send('PUT', '/secrets/crm-password', { value: 'y' });
  },
  async 'secret-purge'(send) {
    await send('PUT', '/secrets/crm-password', { value: 'x' });
    await send('DELETE', '/secrets/crm-password');
    return send('DELETE', '/deletedsecrets/crm-password');
  },
  async 'secret-versions'(send) {
    for (const value of ['a', 'b', 'c']) await send('PUT', '/secrets/crm-password', { value });
    return send('GET', '/secrets/crm-password/versions?maxresults=2');
  },
  'key-create': (send) => send('POST', '/keys/entra-app/create', read('key-create').request.body),
  async 'key-get'(send) {
    await send('POST', '/keys/entra-app/create', read('key-create').request.body);
    return send('GET', '/keys/entra-app/');
  },
  async 'key-sign-ps256'(send) {
    const body = read('key-create').request.body;
    const { key } = await json(await send('POST', '/keys/entra-app/create', body));
    return send('POST', `${new URL(key.kid).pathname}/sign`, read('key-sign-ps256').request.body);
  },
  async 'key-sign-not-permitted'(send) {
    const body = { kty: 'RSA', key_size: 2048, key_ops: ['wrapKey', 'unwrapKey'] };
    const { key } = await json(await send('POST', '/keys/db-kek/create', body));
    return send('POST', `${new URL(key.kid).pathname}/sign`, read('key-sign-ps256').request.body);
  },
  async 'key-wrap-oaep256'(send) {
    const body = { kty: 'RSA', key_size: 3072, key_ops: ['wrapKey', 'unwrapKey'] };
    const { key } = await json(await send('POST', '/keys/db-kek/create', body));
    return send('POST', `${new URL(key.kid).pathname}/wrapkey`, read('key-wrap-oaep256').request.body);
  },
  async 'key-unwrap-oaep256'(send) {
    const body = { kty: 'RSA', key_size: 3072, key_ops: ['wrapKey', 'unwrapKey'] };
    const { key } = await json(await send('POST', '/keys/db-kek/create', body));
    const path = new URL(key.kid).pathname;
    const given = read('key-wrap-oaep256').request.body;
    const { value } = await json(await send('POST', `${path}/wrapkey`, given));
    const answer = await send('POST', `${path}/unwrapkey`, { alg: 'RSA-OAEP-256', value });
    expect((await json(answer.clone())).value).toBe(given.value);
    return answer;
  },
  async 'key-unwrap-bad'(send) {
    const body = { kty: 'RSA', key_size: 3072, key_ops: ['wrapKey', 'unwrapKey'] };
    const { key } = await json(await send('POST', '/keys/db-kek/create', body));
    return send('POST', `${new URL(key.kid).pathname}/unwrapkey`, { alg: 'RSA-OAEP-256', value: 'AAAA' });
  },
};

describe.skipIf(!existsSync(FOLDER))(
  'Key Vault answers like its examples [skipped: ../shared is not here]',
  () => {
    const open = async () => {
      const vault = createKeyVault({ clock: createManualClock(1_790_000_000_000), seed: 1 });
      return { vault, send: sender(vault, await enter(vault)) };
    };

    it.each(Object.keys(CASES))('%s', async (name) => {
      const { send } = await open();
      const answer = await CASES[name]?.(send);
      const { status, body } = read(name).response;
      expect(answer?.status).toBe(status);
      if (body === null) return;
      expect(mismatch(body, await answer?.json(), { path: name, extras: true })).toEqual([]);
    });

    it('challenge-401: without a token, with its header', async () => {
      const { vault } = await open();
      const answer = await sender(vault, null)('GET', '/secrets/crm-password/');
      const { status, body, headers } = read('challenge-401').response;
      expect(answer.status).toBe(status);
      expect(answer.headers.get('www-authenticate')).toBe(headers['www-authenticate']);
      expect(await answer.json()).toEqual(body);
    });

    it('throttled: without Retry-After', async () => {
      const { vault, send } = await open();
      vault.admin.settings.requestsPerTenSeconds = 0;
      const answer = await send('GET', '/secrets/crm-password/');
      const { status, body } = read('throttled').response;
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, null]);
      expect(await answer.json()).toEqual(body);
    });

    it('managed-identity-app-service: a token for the vault, for who has the header', async () => {
      const { vault } = await open();
      const { request, response } = read('managed-identity-app-service');
      const url = `http://169.254.130.1${request.path}`;
      const answer = await vault.fetch(new Request(url, { headers: request.headers }));
      expect(mismatch(response.body, await answer.json(), { path: 'token', extras: false })).toEqual([]);
      expect((await vault.fetch(new Request(url))).status).toBe(400);
    });
  },
);
