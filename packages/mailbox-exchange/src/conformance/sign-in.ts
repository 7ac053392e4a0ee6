import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { type Emulator, type SignIn, START } from './world.ts';

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const value = Buffer.concat(parts);
  const size = value.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
};
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const utcTime = (ms: number): Buffer =>
  tlv(0x17, Buffer.from(`${new Date(ms).toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`));

/** The least that X.509 allows: version 1, self-signed, RSA with SHA-256. */
function selfSigned() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const algorithm = tlv(0x30, hex('06092a864886f70d01010b0500'));
  const name = tlv(0x30, tlv(0x31, tlv(0x30, hex('0603550403'), tlv(0x0c, Buffer.from('test')))));
  const validity = tlv(0x30, utcTime(START - 86_400_000), utcTime(START + 86_400_000 * 90));
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const content = tlv(0x30, tlv(0x02, hex('01')), algorithm, name, validity, name, spki);
  const signature = sign('sha256', content, privateKey);
  return { privateKey, der: tlv(0x30, content, algorithm, tlv(0x03, hex('00'), signature)) };
}

let made: ReturnType<typeof selfSigned> | undefined;
const registered = new WeakMap<Emulator, string>();
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token of the emulated Entra, by an assertion of a certificate that is registered on first use. */
export const signIn: SignIn = async (emulator, { tenantId, clientId }) => {
  made ??= selfSigned();
  const { privateKey, der } = made;
  const x5t = registered.get(emulator) ?? emulator.admin.addCertificate(clientId, new Uint8Array(der)).x5t;
  registered.set(emulator, x5t);
  const url = `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`;
  const now = Math.floor(emulator.clock.now() / 1000);
  const claims = {
    aud: url,
    iss: clientId,
    sub: clientId,
    jti: createHash('sha256').digest('hex'),
    nbf: now,
    iat: now,
    exp: now + 600,
  };
  const input = `${encode({ alg: 'RS256', typ: 'JWT', 'x5t#S256': x5t })}.${encode(claims)}`;
  const form = new URLSearchParams({
    client_id: clientId,
    scope: 'https://graph.microsoft.com/.default',
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`,
  });
  const response = await emulator.fetch(url, { method: 'POST', body: form });
  const answer = (await response.json()) as { access_token?: string };
  if (answer.access_token === undefined) throw new Error(`no token: ${JSON.stringify(answer)}`);
  return answer.access_token;
};
