import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createBadScene } from '../src/bad-input.ts';
import { createKeyFolder, sharedKeyFolder } from '../src/key-folder.ts';
import { CLIENT_ID, ROLES } from '../src/stage.ts';

// Each test starts the real program several times.
vi.setConfig({ testTimeout: 180_000 });

const DAY = 86_400_000;

describe('a secrets file that cannot be used', () => {
  it('missing, open to others, tampered with, wrongly keyed: each is named; put right, nothing is lost', async () => {
    await using scene = await createBadScene();
    const file = join(scene.stage.dataDir, 'secrets.jwe');
    const keyFile = join(scene.stage.dataDir, 'master.key');
    const [bytes, key] = [readFileSync(file), readFileSync(keyFile)];
    const before = scene.picture();

    renameSync(file, `${file}.away`);
    const missing = await scene.run();
    expect(missing.code).toBe(4);
    expect(missing.err).toMatch(/no such key\n.*key-missing\n\s+→ No key pair of that name exists/);
    rmSync(file, { force: true });
    renameSync(`${file}.away`, file);

    renameSync(keyFile, `${keyFile}.away`);
    const noKey = await scene.run();
    expect(noKey.code).toBe(2);
    expect(noKey.err).toContain(`the key file ${keyFile} does not exist`);
    expect(noKey.err).toContain('→ Put it back from its backup');
    renameSync(`${keyFile}.away`, keyFile);

    chmodSync(file, 0o644);
    const open = await scene.run();
    expect(open.code).toBe(2);
    expect(open.err).toMatch(new RegExp(`${file}.*\\n.*INSECURE_FILE\\n\\s+→ Run: chmod 600 ${file}`));
    chmodSync(file, 0o600);

    const sealed = JSON.parse(bytes.toString('utf8'));
    const flipped = sealed.ciphertext.startsWith('A') ? 'B' : 'A';
    writeFileSync(file, JSON.stringify({ ...sealed, ciphertext: flipped + sealed.ciphertext.slice(1) }));
    const tampered = await scene.run();
    expect(tampered.code).toBe(2);
    expect(tampered.err).toMatch(
      /was changed by somebody else or is damaged\n.*TAMPERED\n\s+→ Put back the file from a backup/,
    );
    writeFileSync(file, bytes);

    writeFileSync(keyFile, Buffer.alloc(32, 7));
    const wrong = await scene.run();
    expect(wrong.code).toBe(2);
    expect(wrong.err).toMatch(
      /no configured key opens .*secrets\.jwe \(written with [0-9a-f]{8}\)\n.*NO_KEY\n\s+→ Configure the key/,
    );
    writeFileSync(keyFile, key);

    for (const run of [missing, noKey, open, tampered, wrong]) {
      expect(run.err + run.out).not.toContain(key.toString('hex'));
      expect(run.err + run.out).not.toContain(key.toString('base64'));
    }
    // No attempt to help made anything worse.
    expect(readFileSync(file)).toEqual(bytes);
    expect(scene.picture()).toEqual(before);
    expect((await scene.run()).code).toBe(0);
    expect(scene.picture().crm).toHaveLength(11);
  });
});

describe('a sign-in that is refused', () => {
  it('an expired certificate: says so before anything is read', async () => {
    const key = await createKeyFolder(Date.now() - 40 * DAY, 10);
    await using scene = await createBadScene({ key, synced: false });
    const { code, err } = await scene.run();
    expect(code).toBe(4);
    expect(err).toContain('AADSTS700027');
    expect(err).toMatch(/→ The certificate has expired: create a new key, upload its certificate/);
    const doctor = await scene.run(['doctor']);
    expect(doctor.out).toMatch(/FAIL {2}keys\s+tidelock: expired on \d{4}-\d{2}-\d{2}/);
    expect(scene.picture().crm).toHaveLength(5);
  });

  it('an unregistered certificate, consent that is missing or was taken back: each has its own remedy', async () => {
    await using scene = await createBadScene();
    const { admin } = scene.stage.graph;
    const before = scene.picture();
    const shared = await sharedKeyFolder(0);
    const x5t = createHash('sha256').update(shared.certificate.der).digest('base64url');
    expect(admin.removeCertificate(CLIENT_ID, x5t)).toBe(true);
    const unregistered = await scene.run();
    expect(unregistered.code).toBe(4);
    expect(unregistered.err).toMatch(
      /AADSTS700027(.|\n)*→ Upload the certificate of the newest key to the app registration/,
    );
    admin.addCertificate(CLIENT_ID, shared.pem);

    admin.revoke(scene.stage.tenantId, CLIENT_ID);
    const revoked = await scene.run();
    expect(revoked.code).toBe(3);
    expect(revoked.out).toMatch(
      /blocked {2}ann@contoso\.example: .*\n\s+→ Consent to the permission on contacts/,
    );

    admin.removeServicePrincipal(scene.stage.tenantId, CLIENT_ID);
    const noConsent = await scene.run();
    expect(noConsent.code).toBe(4);
    expect(noConsent.err).toMatch(
      /AADSTS700016(.|\n)*→ The application is unknown in this tenant: run Connect again/,
    );

    expect(scene.picture()).toEqual(before);
    admin.consent(scene.stage.tenantId, CLIENT_ID, ROLES);
    expect((await scene.run()).code).toBe(0);
    expect(scene.picture().crm).toHaveLength(11);
  });
});
