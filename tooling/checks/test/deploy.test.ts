import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@tidelock/host';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import * as z from 'zod';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const at = (path: string): string => join(ROOT, path);
const read = (path: string): string => readFileSync(at(path), 'utf8');

const folder = mkdtempSync(join(tmpdir(), 'tidelock-deploy-'));
afterAll(() => rmSync(folder, { recursive: true }));

function run(command: string, args: readonly string[], cwd = ROOT) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  return { status, out: `${stdout ?? ''}${stderr ?? ''}`, isThere: error === undefined };
}

/** Tests with a real tool, or counted skips where there is none here. */
const toolFor = (command: string, probe: string): boolean => run(command, [probe]).isThere;
const HAS = {
  hadolint: toolFor('hadolint', '--version'),
  helm: toolFor('helm', 'version'),
  schemas: toolFor('kubernetes-validate', '--version'),
  systemd: toolFor('systemd-analyze', '--version'),
};

describe('container image', () => {
  const stages = read('deploy/container/Dockerfile')
    .split(/^(?=FROM )/m)
    .slice(1);

  it.skipIf(!HAS.hadolint)(
    'passes the linter of Dockerfiles, which finds a seeded mistake [skipped: no hadolint here; .ci/run fetches it where it can]',
    () => {
      expect(run('hadolint', ['deploy/container/Dockerfile'])).toMatchObject({ status: 0, out: '' });
      const bad = join(folder, 'Dockerfile');
      writeFileSync(bad, 'FROM node:latest\nRUN cd /tmp && apt-get install curl\n');
      expect(run('hadolint', [bad]).status).not.toBe(0);
    },
  );

  it('is built in one stage and run in another, by nobody special, and says how it is', () => {
    expect(stages).toHaveLength(2);
    const last = stages.at(-1) ?? '';
    expect(last).toMatch(/^USER 10001:10001$/m);
    expect(last).toContain('HEALTHCHECK');
    expect(last).not.toMatch(/^(ADD|RUN .*(curl|wget|npm))/m);
    expect(last).toMatch(/^COPY --from=build \/app \/app$/m);
  });

  it('gives the process an environment of its own and no way out: no core file, no debugger, no report of variables', () => {
    const unit = read('deploy/systemd/tidelock.service');
    const last = stages.at(-1) ?? '';
    const variables = (text: string): string[] =>
      [...text.matchAll(/\b([A-Z_]{4,})=/g)].map(([, name]) => name ?? '');
    const named = last.slice(last.indexOf('\nENV '), last.indexOf('\nCOPY '));
    const wanted = ['NODE_ENV', 'MALLOC_ARENA_MAX', 'MALLOC_MMAP_THRESHOLD_'];
    expect(variables(named)).toEqual(wanted);
    expect(variables(/^Environment=(.*)$/m.exec(unit)?.[1] ?? '')).toEqual(wanted);
    const start = [/^ENTRYPOINT (.*)$/m.exec(last)?.[1], /^ExecStart=(.*)$/m.exec(unit)?.[1]];
    for (const line of start)
      expect(line).toMatch(/node --disable-sigusr1 --report-exclude-env \/\S+main\.js/);
    expect(start[0]).toContain('ulimit -c 0 && exec node');
    expect(unit).toMatch(/^LimitCORE=0$/m);
    expect(read('deploy/compose/compose.yaml')).toContain('ulimits: { core: 0 }');
  });

  it('brings the Node that the lock file pins', () => {
    const pinned = (parse(read('pnpm-workspace.yaml')) as { catalog: { node: string } }).catalog.node;
    expect(read('deploy/container/Dockerfile')).toContain(`ARG NODE=${pinned}\n`);
  });
});

describe('compose file', () => {
  const Service = z.looseObject({
    image: z.string(),
    cap_drop: z.array(z.string()),
    security_opt: z.array(z.string()),
    volumes: z.array(z.string()),
    secrets: z.array(z.string()),
    networks: z.array(z.string()),
    ports: z.array(z.string()).default([]),
    read_only: z.boolean().default(false),
  });
  const Compose = z.looseObject({
    services: z.record(z.string(), Service),
    volumes: z.record(z.string(), z.unknown()),
    networks: z.record(z.string(), z.unknown()),
    secrets: z.record(z.string(), z.object({ file: z.string() })),
  });
  const compose = Compose.parse(parse(read('deploy/compose/compose.yaml')));

  it('gives nobody more than needed, and reaches the network of the machine on loopback only', () => {
    for (const service of Object.values(compose.services)) {
      expect(service.cap_drop).toEqual(['ALL']);
      expect(service.security_opt).toContain('no-new-privileges:true');
      for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
    expect(compose.services.tidelock?.read_only).toBe(true);
  });

  it('comes with a configuration that starts, and says that nobody takes part yet', async () => {
    const config = await loadConfig(at('deploy/compose/config/tidelock.yaml'), { env: {} });
    expect(config.mailboxes).toEqual([]);
    expect(config.server.trustedProxies).toBe(1);
  });

  it('names only what it declares, and images by version', () => {
    for (const { volumes, secrets, networks, image } of Object.values(compose.services)) {
      for (const volume of volumes.filter((one) => !one.startsWith('.')))
        expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
      for (const secret of secrets) expect(Object.keys(compose.secrets)).toContain(secret);
      for (const network of networks) expect(Object.keys(compose.networks)).toContain(network);
      expect(image).not.toMatch(/:latest$/);
    }
  });
});

const CONFIG = {
  version: 1,
  secrets: {
    adapter: '@tidelock/secrets-file',
    options: { keys: [{ keyFile: '/var/run/tidelock/master-key' }] },
  },
  state: { adapter: '@tidelock/state-sqlite' },
  token: { adapter: '@tidelock/token-entra' },
  mailbox: { adapter: '@tidelock/mailbox-exchange' },
  crm: { adapter: '@tidelock/crm-hubspot' },
};
const EVERYTHING = {
  config: CONFIG,
  masterKeySecret: 'key',
  ingress: { enabled: true, host: 'tidelock.example', tlsSecret: 'tls' },
  networkPolicy: { enabled: true },
  serviceMonitor: { enabled: true },
};
const SCALED = {
  ...EVERYTHING,
  mode: 'scaled',
  masterKeySecret: '',
  config: {
    ...CONFIG,
    secrets: { adapter: '@tidelock/secrets-vault' },
    state: { adapter: '@tidelock/state-postgres' },
  },
};

let files = 0;
function valuesFile(values: object): string {
  files += 1;
  const file = join(folder, `values-${files}.json`);
  writeFileSync(file, JSON.stringify(values));
  return file;
}

interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly template?: { readonly spec: PodSpec } };
}
interface PodSpec {
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly { readonly securityContext: unknown; readonly args: readonly string[] }[];
}

function render(values: object) {
  const { status, out } = run('helm', ['template', 'try', 'deploy/helm/tidelock', '-f', valuesFile(values)]);
  const isGood = status === 0;
  const all = isGood ? parseAllDocuments(out).map((one) => one.toJS() as Resource | null) : [];
  return { isGood, out, resources: all.filter((one): one is Resource => one !== null) };
}

describe.skipIf(!HAS.helm)('Helm chart [skipped: no helm here; .ci/run fetches it where it can]', () => {
  it('passes the linter', () => {
    for (const values of [EVERYTHING, SCALED]) {
      const found = run('helm', ['lint', '--strict', 'deploy/helm/tidelock', '-f', valuesFile(values)]);
      expect(found.out).toContain('0 chart(s) failed');
      expect(found.status).toBe(0);
    }
  });

  it('runs one process that does everything, or those of the API beside those that work', () => {
    const names = (values: object) =>
      render(values)
        .resources.filter(({ kind }) => kind === 'Deployment')
        .map(({ metadata }) => metadata.name)
        .toSorted();
    expect(names(EVERYTHING)).toEqual(['try-tidelock-all']);
    expect(names(SCALED)).toEqual(['try-tidelock-api', 'try-tidelock-worker']);
  });

  it('confines every container', () => {
    for (const values of [EVERYTHING, SCALED]) {
      const pods = render(values).resources.flatMap(({ spec }) => spec?.template?.spec ?? []);
      expect(pods.length).toBeGreaterThan(0);
      for (const pod of pods) {
        expect(pod.securityContext).toMatchObject({
          runAsNonRoot: true,
          seccompProfile: { type: 'RuntimeDefault' },
        });
        for (const { securityContext } of pod.containers)
          expect(securityContext).toEqual({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          });
      }
    }
  });

  it('refuses what cannot work, with the reason', () => {
    const refused = (values: object) => {
      const { isGood, out } = render(values);
      expect(isGood).toBe(false);
      return out;
    };
    expect(refused({ ...SCALED, config: CONFIG })).toContain('share their state in PostgreSQL only');
    const filed = { ...SCALED.config, secrets: CONFIG.secrets };
    expect(refused({ ...SCALED, config: filed })).toContain('a secrets file belongs to one process');
    expect(refused({})).toContain('state is required');
    expect(refused({ ...EVERYTHING, ingress: { enabled: true } })).toContain('ingress');
  });

  it.skipIf(!HAS.schemas)(
    'is what Kubernetes knows [skipped: no kubernetes-validate here; .ci/run fetches it where it can]',
    () => {
      for (const values of [EVERYTHING, SCALED]) {
        const file = join(folder, 'rendered.yaml');
        writeFileSync(file, render(values).out);
        const found = run('kubernetes-validate', ['--strict', file]);
        expect(found.out).not.toContain('ERROR');
        expect(found.status).toBe(0);
      }
      const broken = join(folder, 'broken.yaml');
      writeFileSync(broken, render(EVERYTHING).out.replace('readOnlyRootFilesystem', 'readOnlyRoot'));
      expect(run('kubernetes-validate', ['--strict', broken]).status).not.toBe(0);
    },
  );
});

describe('systemd units', () => {
  const units = readdirSync(at('deploy/systemd'));

  it.skipIf(!HAS.systemd)('are what systemd knows [skipped: no systemd-analyze here]', () => {
    const program = /\/opt\/tidelock\/node/g;
    for (const unit of units)
      writeFileSync(join(folder, unit), read(`deploy/systemd/${unit}`).replaceAll(program, '/bin/true'));
    const paths = units.map((unit) => join(folder, unit));
    expect(run('systemd-analyze', ['verify', '--man=no', ...paths])).toMatchObject({ status: 0, out: '' });
    const bad = join(folder, 'bad.service');
    writeFileSync(bad, '[Service]\nExecStart=/bin/true\nNoNewPrivilege=yes\n');
    expect(run('systemd-analyze', ['verify', '--man=no', bad]).out).toContain('NoNewPrivilege');
  });
});
