import { createSecretKey, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ContextOf, Secrets, Signer } from '@tidelock/core';
import { createFieldSealer, createSystemClock, createSystemRandom } from '@tidelock/host';
import { createFileSecrets } from '@tidelock/secrets-file';
import { createEntraTokens, EntraOptionsSchema } from '@tidelock/token-entra';
import type { Figure, Section } from './bounds.ts';
import { measure, median } from './cost.ts';
import type { Settings } from './scene.ts';

const SCOPE = 'https://graph.microsoft.com/.default';
const CLIENT_ID = '6a1f0a3e-52a4-4a3c-9a55-0d8f5f6b7c11';
/** As long as app-only tokens of the service are. */
const TOKEN_CHARACTERS = 1600;
const KEY = 'bench';
const TENANTS = 10_000;
const COLD = 1_000;
const log = { debug() {}, info() {}, warn() {}, error() {} };

const tenantId = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

/** A token endpoint that answers at once, and counts; what is measured is this side. */
function createEndpoint() {
  const asked = new Map<string, number>();
  const fetch = async (input: string | URL): Promise<Response> => {
    const { pathname } = new URL(input);
    const [, tenant = ''] = pathname.split('/');
    if (!pathname.endsWith('/token')) {
      const at = `https://login.microsoftonline.com/${tenant}`;
      const [issuer, token, authorize] = ['v2.0', 'oauth2/v2.0/token', 'oauth2/v2.0/authorize'];
      return Response.json({
        ...{ issuer: `${at}/${issuer}`, token_endpoint: `${at}/${token}` },
        authorization_endpoint: `${at}/${authorize}`,
      });
    }
    asked.set(tenant, (asked.get(tenant) ?? 0) + 1);
    const text = `${tenant}.`.padEnd(TOKEN_CHARACTERS, randomBytes(12).toString('hex'));
    return Response.json({ token_type: 'Bearer', expires_in: 3599, access_token: text });
  };
  return { fetch, asked };
}

interface Place {
  readonly secrets: Secrets;
  readonly context: ContextOf['token'];
  readonly asked: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

async function openPlace(bits: 2048 | 3072): Promise<Place> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tidelock-bench-'));
  const { fetch, asked } = createEndpoint();
  const base = { dataDir, log, fetch, clock: createSystemClock(), random: createSystemRandom() };
  const options = { file: 'secrets.jwe', keys: [{ keyFile: 'master.key', create: true }] };
  const secrets = await createFileSecrets(options, base);
  await secrets.keys.create(KEY, { commonName: 'bench', bits });
  return {
    ...{ secrets, asked, context: { ...base, secrets } },
    async close() {
      await secrets.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const options = () => EntraOptionsSchema.parse({ clientId: CLIENT_ID, keys: [KEY], cloud: 'global' });

function collector(): () => number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  return () => {
    collect();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / 1024 ** 2;
  };
}

async function benchCache({ log: say }: Settings): Promise<Figure[]> {
  const place = await openPlace(2048);
  const megabytes = collector();
  const provider = createEntraTokens(options(), place.context);
  const ask = (index: number) => provider.getToken({ tenant: tenantId(index), scope: SCOPE });
  await ask(0);
  const before = megabytes();
  say(`tokens of ${TENANTS} tenants`);
  for (let from = 0; from < TENANTS; from += 100)
    await Promise.all(Array.from({ length: 100 }, (_, at) => ask(from + at)));
  const held = megabytes() - before;
  const rounds: number[] = [];
  const requests = Array.from({ length: TENANTS }, (_, at) => ({ tenant: tenantId(at), scope: SCOPE }));
  for (let round = 0; round < 20; round += 1) {
    const { cpu } = await measure(async () => {
      for (const request of requests) await provider.getToken(request);
    });
    rounds.push((cpu * 1000) / TENANTS);
  }
  await provider.close();
  await place.close();
  return [
    {
      name: 'token request from cache, 10,000 tenants (500,000/s)',
      value: median(rounds.slice(4)),
      unit: 'us',
      bound: 2,
    },
    { name: 'memory of 10,000 cached tokens', value: held, unit: 'MB', bound: 50 },
  ];
}

const signing = (signer: Signer) =>
  measure(async () => {
    for (let index = 0; index < COLD; index += 1) await signer.sign('PS256', randomBytes(32));
  });

async function benchColdStart({ log: say }: Settings): Promise<Figure[]> {
  const place = await openPlace(3072);
  const signer = await place.secrets.keys.signer(KEY);
  const ratios: number[] = [];
  let most = 0;
  for (let run = 0; run < 3; run += 1) {
    say(`cold start of ${COLD} tenants, ${run + 1} of 3`);
    const alone = await signing(signer);
    (place.asked as Map<string, number>).clear();
    const provider = createEntraTokens(options(), place.context);
    const all = Array.from({ length: COLD }, (_, at) => at);
    // Twice each, as lanes of one tenant ask at the same time.
    const ask = (at: number) => provider.getToken({ tenant: tenantId(at), scope: SCOPE });
    const whole = await measure(() => Promise.all([...all, ...all].map(ask)));
    ratios.push(whole.cpu / alone.cpu);
    most = Math.max(most, ...place.asked.values());
    await provider.close();
  }
  await place.close();
  return [
    {
      name: 'cold start of 1,000 tenants, to signing 1,000 assertions alone',
      value: median(ratios),
      unit: 'times',
      bound: 2,
    },
    { name: 'token calls of one tenant in a cold start', value: most, unit: '', bound: 1 },
  ];
}

async function benchSealing(): Promise<Figure[]> {
  const key = { id: '3f0c3f5e-6a51-4d0e-8a53-0d4b1c6f7a88', key: createSecretKey(randomBytes(32)) };
  const sealer = createFieldSealer('tenant', [key]);
  const value = 'Zwitscherling, Canarina; 1 Bird Road';
  const rounds: number[] = [];
  const count = 5_000;
  for (let round = 0; round < 30; round += 1) {
    const { cpu } = await measure(async () => {
      for (let row = 0; row < count; row += 1) {
        const place = { table: 'history', column: 'values', row: `lane/link/run/${row}` };
        sealer.open(place, sealer.seal(place, value));
      }
    });
    rounds.push((cpu * 1000) / count);
  }
  return [{ name: 'sealing a field and opening it', value: median(rounds.slice(5)), unit: 'us', bound: 25 }];
}

/** Tokens and sealing: what trust costs. Processor time throughout: none of it waits for anything. */
export async function benchTrust(settings: Settings): Promise<Section> {
  const figures = [
    ...(await benchSealing()),
    ...(await benchCache(settings)),
    ...(await benchColdStart(settings)),
  ];
  return { name: 'trust', title: 'Tokens and sealed fields', figures };
}
