import assert from 'node:assert/strict';
import { constants, createHash, createPrivateKey, verify, X509Certificate } from 'node:crypto';
import type { Certificate, Signer } from '@tidelock/core';
import { CannotProvoke, type Case } from '../harness.ts';
import { thrown } from '../record-store/session.ts';
import { FOREIGN_CERTIFICATE_PEM, SAMPLE_CERTIFICATE_PEM, SAMPLE_PRIVATE_KEY_PEM } from './sample-key.ts';
import { bytes, lacks, type SecretsFixture, type SecretsTraits } from './secrets-fixture.ts';

type SecretsCase = Case<SecretsFixture, SecretsTraits>;
const needsKeys = (traits: SecretsTraits) => (traits.keys ? null : lacks('keys'));
const needsWrapper = (traits: SecretsTraits) => (traits.wrapper ? null : lacks('wrapper'));
const DAY = 86_400_000;

/** Signs a message's digest both ways and checks the signatures with the certificate alone. */
async function assertSigns(signer: Signer, certificate: Certificate): Promise<void> {
  const message = bytes('header.payload');
  const digest = new Uint8Array(createHash('sha256').update(message).digest());
  const publicKey = new X509Certificate(certificate.der).publicKey;
  const pss = { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  assert.ok(verify('sha256', message, pss, await signer.sign('PS256', digest)), 'PS256 does not verify');
  assert.ok(
    verify('sha256', message, publicKey, await signer.sign('RS256', digest)),
    'RS256 does not verify',
  );
}

function assertCertificate(certificate: Certificate, name: string): X509Certificate {
  const parsed = new X509Certificate(certificate.der);
  assert.equal(certificate.keyName, name);
  assert.equal(certificate.sha256, createHash('sha256').update(certificate.der).digest('hex'));
  assert.equal(certificate.notAfter, Date.parse(parsed.validTo));
  assert.equal(certificate.notBefore, Date.parse(parsed.validFrom));
  return parsed;
}

export const keyCases: readonly SecretsCase[] = [
  {
    id: 'secrets-030',
    title: 'a new key pair is RSA-3072 with a self-signed certificate, and signs',
    needs: needsKeys,
    async run({ secrets: { keys } }) {
      const certificate = await keys.create('signing/one', { commonName: 'conformance.example' });
      const parsed = assertCertificate(certificate, 'signing/one');
      assert.equal(parsed.publicKey.asymmetricKeyDetails?.modulusLength, 3072);
      assert.match(parsed.subject, /CN=conformance\.example/);
      assert.ok(parsed.verify(parsed.publicKey), 'not self-signed');
      assert.equal(Math.round((certificate.notAfter - certificate.notBefore) / DAY), 180);
      const signer = await keys.signer('signing/one');
      assert.deepEqual(await signer.certificate(), certificate);
      await assertSigns(signer, certificate);
    },
  },
  {
    id: 'secrets-031',
    title: 'length and life of a key pair can be chosen',
    needs: needsKeys,
    async run({ secrets: { keys } }) {
      const certificate = await keys.create('signing/one', { commonName: 'c', bits: 2048, days: 10 });
      const parsed = assertCertificate(certificate, 'signing/one');
      assert.equal(parsed.publicKey.asymmetricKeyDetails?.modulusLength, 2048);
      assert.equal(Math.round((certificate.notAfter - certificate.notBefore) / DAY), 10);
    },
  },
  {
    id: 'secrets-032',
    title: 'a taken name is a conflict, and the first key stays',
    needs: needsKeys,
    async run({ secrets: { keys } }) {
      const first = await keys.create('signing/one', { commonName: 'c', bits: 2048 });
      await thrown(keys.create('signing/one', { commonName: 'c', bits: 2048 }), 'conflict');
      const pem = { privateKeyPem: SAMPLE_PRIVATE_KEY_PEM, certificatePem: SAMPLE_CERTIFICATE_PEM };
      await thrown(keys.import('signing/one', pem), 'conflict');
      assert.deepEqual(await keys.list(), [first]);
    },
  },
  {
    id: 'secrets-033',
    title: 'an imported key pair signs',
    needs: needsKeys,
    async run({ secrets: { keys } }) {
      const pem = { privateKeyPem: SAMPLE_PRIVATE_KEY_PEM, certificatePem: SAMPLE_CERTIFICATE_PEM };
      const certificate = await keys.import('signing/own', pem);
      assertCertificate(certificate, 'signing/own');
      await assertSigns(await keys.signer('signing/own'), certificate);
    },
  },
  {
    id: 'secrets-034',
    title: 'a key and a certificate that do not belong together are invalid, and nothing is kept',
    needs: needsKeys,
    async run({ secrets: { keys } }) {
      const privateKeyPem = SAMPLE_PRIVATE_KEY_PEM;
      const certificatePem = SAMPLE_CERTIFICATE_PEM;
      const broken = [
        { privateKeyPem, certificatePem: FOREIGN_CERTIFICATE_PEM },
        { privateKeyPem: 'nonsense', certificatePem },
        { privateKeyPem, certificatePem: 'nonsense' },
      ];
      for (const pem of broken) {
        const error = await thrown(keys.import('signing/own', pem), 'invalid');
        assert.ok(!`${error.stack}`.includes('PRIVATE KEY'));
      }
      assert.deepEqual(await keys.list(), []);
    },
  },
  {
    id: 'secrets-035',
    title: 'a key pair that does not exist is not_found',
    needs: needsKeys,
    async run({ secrets: { keys } }) {
      await thrown(keys.signer('signing/nobody'), 'not_found');
      await keys.create('signing/one', { commonName: 'c', bits: 2048 });
      await keys.remove('signing/one');
      await thrown(keys.signer('signing/one'), 'not_found');
      assert.deepEqual(await keys.list(), []);
    },
  },
  {
    id: 'secrets-036',
    title: 'only 32-byte digests are signed',
    needs: needsKeys,
    async run({ secrets: { keys } }) {
      await keys.create('signing/one', { commonName: 'c', bits: 2048 });
      const signer = await keys.signer('signing/one');
      for (const length of [0, 20, 31, 33, 64]) {
        await thrown(signer.sign('PS256', new Uint8Array(length)), 'invalid');
        await thrown(signer.sign('RS256', new Uint8Array(length)), 'invalid');
      }
    },
  },
  {
    id: 'secrets-037',
    title: 'PS256 is salted: one digest, two signatures',
    needs: needsKeys,
    async run({ secrets: { keys } }) {
      await keys.create('signing/one', { commonName: 'c', bits: 2048 });
      const signer = await keys.signer('signing/one');
      const digest = new Uint8Array(32).fill(5);
      assert.notDeepEqual(await signer.sign('PS256', digest), await signer.sign('PS256', digest));
      assert.deepEqual(await signer.sign('RS256', digest), await signer.sign('RS256', digest));
    },
  },
  {
    id: 'secrets-038',
    title: 'key pairs are no secrets of the store: neither listed nor readable there',
    needs: (traits) => (traits.keys && traits.store ? null : lacks('store together with keys')),
    async run({ secrets: { keys, store } }) {
      await keys.create('signing/one', { commonName: 'c', bits: 2048 });
      assert.deepEqual(await store.list(), []);
      assert.equal(await store.get('signing/one'), null);
    },
  },
  {
    id: 'secrets-039',
    title: 'a key pair that is given away is the one that was made, and nobody is none',
    needs: needsKeys,
    async run({ secrets: { keys } }) {
      if (!keys.export) throw new CannotProvoke('private keys cannot leave this store');
      const made = await keys.create('signing/one', { commonName: 'c', bits: 2048 });
      const pem = await keys.export('signing/one');
      assert.deepEqual(new Uint8Array(new X509Certificate(pem.certificatePem).raw), made.der);
      assert.ok(new X509Certificate(made.der).checkPrivateKey(createPrivateKey(pem.privateKeyPem)));
      await thrown(keys.export('signing/nobody'), 'not_found');
    },
  },
  {
    id: 'secrets-050',
    title: 'wrapping hides the data key, unwrapping gives it back, each wrap is different',
    needs: needsWrapper,
    async run({ secrets: { wrapper } }) {
      const key = Uint8Array.from({ length: 32 }, (_, index) => index * 7);
      const one = await wrapper.wrap(key, 'tenant/7');
      const two = await wrapper.wrap(key, 'tenant/7');
      assert.notDeepEqual(one, two);
      assert.ok(!Buffer.from(one).includes(Buffer.from(key)), 'the data key is in the wrapped bytes');
      assert.deepEqual(await wrapper.unwrap(one, 'tenant/7'), key);
      assert.deepEqual(await wrapper.unwrap(two, 'tenant/7'), key);
    },
  },
  {
    id: 'secrets-051',
    title: 'another context, or any changed byte, is invalid',
    needs: needsWrapper,
    async run({ secrets: { wrapper } }) {
      const wrapped = await wrapper.wrap(new Uint8Array(32).fill(9), 'tenant/7');
      await thrown(wrapper.unwrap(wrapped, 'tenant/8'), 'invalid');
      await thrown(wrapper.unwrap(wrapped, ''), 'invalid');
      for (let at = 0; at < wrapped.length; at += 1) {
        const bent = Uint8Array.from(wrapped);
        bent[at] = (bent[at] ?? 0) ^ 1;
        await thrown(wrapper.unwrap(bent, 'tenant/7'), 'invalid');
      }
      for (const length of [0, 1, wrapped.length - 1]) {
        await thrown(wrapper.unwrap(wrapped.slice(0, length), 'tenant/7'), 'invalid');
      }
    },
  },
  {
    id: 'secrets-053',
    title: 'after a new wrapping key old bytes open, and are wrapped anew once',
    needs: (traits) => (traits.wrapper ? null : lacks('wrapper')),
    async run({ secrets: { wrapper } }) {
      if (!wrapper.rotate || !wrapper.rewrap)
        throw new CannotProvoke('the adapter changes no wrapping key from here');
      const key = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);
      const old = await wrapper.wrap(key, 'tenant/7');
      assert.deepEqual(await wrapper.rewrap(old, 'tenant/7'), old);
      await wrapper.rotate();
      assert.deepEqual(await wrapper.unwrap(old, 'tenant/7'), key);
      const fresh = await wrapper.rewrap(old, 'tenant/7');
      assert.notDeepEqual(fresh, old);
      assert.deepEqual(await wrapper.unwrap(fresh, 'tenant/7'), key);
      assert.deepEqual(await wrapper.rewrap(fresh, 'tenant/7'), fresh);
      await thrown(wrapper.rewrap(old, 'tenant/8'), 'invalid');
      await thrown(wrapper.unwrap(fresh, 'tenant/8'), 'invalid');
    },
  },
  {
    id: 'secrets-052',
    title: 'keys or a wrapper that are not offered throw unsupported',
    needs: (traits) => (traits.keys && traits.wrapper ? 'the adapter offers both' : null),
    async run({ secrets }) {
      if (!secrets.abilities.keys) await thrown(secrets.keys.signer('a'), 'unsupported');
      if (!secrets.abilities.wrapper)
        await thrown(secrets.wrapper.wrap(new Uint8Array(32), 'a'), 'unsupported');
    },
  },
];
