import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type BaoServer, findBao, startBao } from '@tidelock-tooling/openbao';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVaultSecrets, type VaultOptionsInput } from '../src/index.ts';
import { createContext, type TestContext, toOptions } from './context.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe.skipIf(findBao() === null)('a real OpenBao [skipped: no program "bao" on the PATH]', () => {
  let bao: BaoServer;
  beforeAll(async () => {
    bao = await startBao();
    const policy = /```hcl\n([\s\S]*?)```/.exec(
      readFileSync(new URL('../README.md', import.meta.url), 'utf8'),
    )?.[1];
    await bao.api('PUT sys/policies/acl/tidelock', { policy });
    await bao.api('POST sys/auth/approle', { type: 'approle' });
    const role = { token_policies: 'tidelock', token_ttl: '3s', token_max_ttl: '9s' };
    await bao.api('POST auth/approle/role/sync', role);
    await bao.api('POST sys/auth/jwt', { type: 'jwt' });
  }, 60_000);
  afterAll(() => bao?.stop());

  function open(input: Partial<VaultOptionsInput>, context: TestContext = createContext()) {
    return createVaultSecrets(
      toOptions({ address: bao.address, login: { token: { env: 'T' } }, ...input }),
      context,
    );
  }

  async function appRole(): Promise<{ roleId: string; secretId: string }> {
    const role = await bao.api('GET auth/approle/role/sync/role-id');
    const secret = await bao.api('POST auth/approle/role/sync/secret-id', {});
    return { roleId: role.data.role_id, secretId: secret.data.secret_id };
  }

  it('the policy of the README is enough for everything, with a login by AppRole', async () => {
    const { roleId, secretId } = await appRole();
    const secrets = open(
      { login: { appRole: { roleId, secretId: { env: 'S' } } } },
      createContext({ env: { S: secretId } }),
    );
    const { store, keys, wrapper } = secrets;
    const version = await store.put('crm/password', bytes('x'), { expected: null });
    expect(await store.list()).toEqual(['crm/password']);
    expect((await store.get('crm/password', version))?.value).toEqual(bytes('x'));
    await store.remove('crm/password');
    const made = await keys.create('signing/one', { commonName: 'c', bits: 2048 });
    expect(await keys.list()).toEqual([made]);
    await (await keys.signer('signing/one')).sign('PS256', new Uint8Array(32));
    await keys.remove('signing/one');
    const wrapped = await wrapper.wrap(new Uint8Array(32), 'tenant');
    await wrapper.rotate?.();
    expect(await wrapper.rewrap?.(wrapped, 'tenant')).not.toEqual(wrapped);
    await secrets.close();
  });

  it('the private key cannot be taken out with the policy of the README', async () => {
    const { roleId, secretId } = await appRole();
    const auth = await bao.api('POST auth/approle/login', { role_id: roleId, secret_id: secretId });
    const token = { 'x-vault-token': auth.auth.client_token };
    await bao.api('POST transit/keys/tidelock--kept', { type: 'rsa-2048' });
    for (const request of [
      'GET transit/export/signing-key/tidelock--kept',
      'GET transit/backup/tidelock--kept',
    ])
      await expect(bao.api(request, undefined, token)).rejects.toThrow(/403/);
    const exportable = bao.api('POST transit/keys/tidelock--kept/config', { exportable: true }, token);
    await expect(exportable).rejects.toThrow(/403/);
  });

  it('a token is renewed while it lives and fetched anew when it cannot be', async () => {
    const { roleId, secretId } = await appRole();
    const paths: string[] = [];
    const context = createContext({
      env: { S: secretId },
      fetch: (input, init) => {
        paths.push(new URL(input).pathname);
        return fetch(input, init);
      },
    });
    const secrets = open({ login: { appRole: { roleId, secretId: { env: 'S' } } } }, context);
    const until = performance.now() + 11_000;
    while (performance.now() < until) {
      await secrets.store.get('crm/password');
      await wait(500);
    }
    await secrets.close();
    const count = (path: string) => paths.filter((each) => each === `/v1/auth/${path}`).length;
    expect(count('token/renew-self')).toBeGreaterThan(2);
    expect(count('approle/login')).toBeGreaterThan(1);
    expect(count('approle/login')).toBeLessThan(5);
    expect(count('token/revoke-self')).toBe(1);
  }, 30_000);

  it('a token that somebody revoked is replaced behind the call', async () => {
    const { roleId, secretId } = await appRole();
    const secrets = open(
      { login: { appRole: { roleId, secretId: { env: 'S' } } } },
      createContext({ env: { S: secretId } }),
    );
    await secrets.store.put('crm/revoked', bytes('x'));
    const { data } = await bao.api('GET auth/token/accessors/?list=true');
    for (const accessor of data.keys as string[]) {
      const held = await bao.api('POST auth/token/lookup-accessor', { accessor });
      if (held.data.path === 'auth/approle/login')
        await bao.api('POST auth/token/revoke-accessor', { accessor });
    }
    expect((await secrets.store.get('crm/revoked'))?.value).toEqual(bytes('x'));
    await secrets.close();
  });

  it('a wrapped secret id is unwrapped once; a used one and one of another kind raise the alarm', async () => {
    const { roleId } = await appRole();
    const wrap = { 'x-vault-wrap-ttl': '120s' };
    const wrapped = await bao.api('POST auth/approle/role/sync/secret-id', {}, wrap);
    const login = { appRole: { roleId, secretId: { env: 'S' }, wrapped: true } };
    const env = { S: wrapped.wrap_info.token };
    const secrets = open({ login }, createContext({ env }));
    expect(await secrets.store.get('crm/nothing')).toBeNull();
    await secrets.close();
    const again = createContext({ env });
    await expect(open({ login }, again).store.get('a')).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
    expect(again.logged.join()).toContain('secrets.login.wrapping');
    const foreign = await bao.api('POST sys/wrapping/wrap', { secret_id: 'planted' }, wrap);
    const other = createContext({ env: { S: foreign.wrap_info.token } });
    await expect(open({ login }, other).store.get('a')).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
    expect(other.logged.join()).toContain('something else');
  });

  it('a login by JWT reads its token anew each time', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    await bao.api('POST auth/jwt/config', { jwt_validation_pubkeys: [pem] });
    const claims = {
      role_type: 'jwt',
      user_claim: 'sub',
      bound_audiences: ['bao'],
      token_policies: 'tidelock',
    };
    await bao.api('POST auth/jwt/role/sync', claims);
    const file = join(tmpdir(), `tidelock-jwt-${process.pid}`);
    const sign = (audience: string) =>
      new SignJWT({})
        .setProtectedHeader({ alg: 'RS256' })
        .setSubject('s')
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(privateKey);
    writeFileSync(file, await sign('somebody-else'));
    const secrets = open({ login: { jwt: { role: 'sync', token: { file } } } });
    await expect(secrets.store.get('a')).rejects.toMatchObject({ kind: 'auth', code: 'LOGIN_REFUSED' });
    writeFileSync(file, await sign('bao'));
    expect(await secrets.store.get('a')).toBeNull();
    await secrets.close();
    rmSync(file);
  });

  it('a namespace is a place of its own, and one that is not there is no empty store', async () => {
    await bao.api('POST sys/namespaces/team', {});
    await bao.api(
      'POST sys/mounts/secret',
      { type: 'kv', options: { version: '2' } },
      { 'x-vault-namespace': 'team/' },
    );
    const env = { T: bao.token };
    const inside = open({ namespace: 'team' }, createContext({ env }));
    await inside.store.put('where', bytes('inside'));
    const outside = open({}, createContext({ env }));
    expect(await outside.store.get('where')).toBeNull();
    expect((await inside.store.get('where'))?.value).toEqual(bytes('inside'));
    const error = await open({ namespace: 'nobody' }, createContext({ env }))
      .store.get('where')
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'AdapterError' });
    expect((error as { kind: string }).kind).not.toBe('not_found');
  });

  it('a mount that is not there is no empty store', async () => {
    const secrets = open({ kv: { mount: 'nowhere' } }, createContext({ env: { T: bao.token } }));
    await expect(secrets.store.get('a')).rejects.toMatchObject({ code: 'CONFIG' });
    await expect(secrets.store.put('a', bytes('x'))).rejects.toMatchObject({ code: 'CONFIG' });
  });

  it('a real quota is waited for', async () => {
    await bao.api('POST sys/quotas/rate-limit/tidelock', { path: 'secret', rate: 5, interval: '1s' });
    const waits: number[] = [];
    const base = createContext({ env: { T: bao.token } });
    const clock = {
      ...base.clock,
      sleep: (ms: number, signal?: AbortSignal) => {
        if (signal === undefined) waits.push(ms);
        return base.clock.sleep(ms, signal);
      },
    };
    const secrets = open({}, { ...base, clock });
    await Promise.all(Array.from({ length: 12 }, () => secrets.store.get('crm/nothing')));
    expect(waits.length).toBeGreaterThan(0);
    await bao.api('DELETE sys/quotas/rate-limit/tidelock');
  });

  it('a removed secret is destroyed, not only hidden', async () => {
    const secrets = open({}, createContext({ env: { T: bao.token } }));
    await secrets.store.put('crm/gone', bytes('canary'));
    await secrets.store.put('crm/gone', bytes('canary'));
    await secrets.store.remove('crm/gone');
    const { data } = await bao.api('GET secret/metadata/tidelock/crm/gone');
    expect(Object.values<{ destroyed: boolean }>(data.versions).every(({ destroyed }) => destroyed)).toBe(
      true,
    );
  });

  it('sealed, it answers nothing and says what to do (last: nothing opens it again)', async () => {
    const base = createContext({ env: { T: bao.token } });
    const clock = {
      ...base.clock,
      sleep: (ms: number, signal?: AbortSignal) => base.clock.sleep(signal ? ms : 1, signal),
    };
    const secrets = open({}, { ...base, clock });
    await secrets.store.get('a');
    await bao.api('PUT sys/seal', {});
    await expect(secrets.store.get('a')).rejects.toMatchObject({ kind: 'unavailable', code: 'SEALED' });
  });
});
