import type { Finding, Package, Rule } from '../finding.ts';
import { sourcesOf } from '../syntax.ts';
import { contractOf } from './import-table.ts';

/** The file that implements the contract: one of these, by contract. */
const ports: Readonly<Record<string, readonly string[]>> = {
  crm: ['source', 'target', 'store'],
  mailbox: ['source', 'target', 'store'],
  token: ['provider'],
  secrets: ['store'],
  state: ['store'],
};

const everywhere = ['index', 'config', 'client', 'wire', 'map', 'errors', 'conformance'];

/** Nouns a contract adds to the common set; a new one is a decision, not a habit. */
const extras: Readonly<Record<string, readonly string[]>> = {
  crm: ['feeds', 'probe', 'mapping', 'session', 'fields', 'query', 'users', 'capabilities', 'push', 'event'],
  mailbox: [
    'feeds',
    'probe',
    'mapping',
    'mailboxes',
    'subscriptions',
    'fields',
    'batch',
    'capabilities',
    'catalogue',
    'challenge',
    'check',
    'calendars',
    'cursor',
    'dates',
    'delta',
    'event',
    'find',
    'folders',
    'lane',
    'list',
    'middleware',
    'names',
    'outcome',
    'paths',
    'read',
    'session',
    'slots',
    'write',
  ],
  token: ['assertion', 'cache', 'certificate', 'authority', 'consent', 'response', 'transport'],
  secrets: ['signer', 'wrapper', 'envelope', 'vault', 'keys', 'certificate', 'lock', 'snapshot'],
  state: [
    'sync',
    'database',
    'migrate',
    'row',
    'folder',
    'schema',
    'migrations',
    'sql',
    'rows',
    'links',
    'intents',
    'lanes',
    'feeds',
    'tenants',
    'subscriptions',
    'access',
    'snapshot',
    'restore',
    'runs',
    'history',
  ],
};

/** `map.ts`, `map-contact.ts` and `map/contact.ts` all belong to `map`. */
function belongs(name: string, parts: readonly string[]): boolean {
  return parts.some((part) => name === part || name.startsWith(`${part}-`) || name.startsWith(`${part}/`));
}

function checkAdapter(pkg: Package, contract: string): Finding[] {
  const base = `${pkg.directory}/src/`;
  const names = sourcesOf(pkg).map((file) => file.path.slice(base.length).replace(/\.\w+$/, ''));
  const port = ports[contract] ?? [];
  const allowed = [...everywhere, ...port, ...(extras[contract] ?? [])];
  const finding = (thing: string, reason: string, remedy: string): Finding => {
    return { rule: 'adapter-shape', thing, reason, remedy };
  };
  const missing = ['index', 'config']
    .filter((name) => !names.includes(name))
    .map((name) =>
      finding(`${base}${name}.ts`, 'is missing', 'Every adapter has the same files in the same order.'),
    );
  const portless = names.some((name) => port.includes(name))
    ? []
    : [
        finding(
          base,
          `has no port (${port.join('.ts, ')}.ts)`,
          'Put the implementation of the contract there.',
        ),
      ];
  const untested = pkg.files.some((file) => file.path === `${pkg.directory}/test/conformance.test.ts`)
    ? []
    : [
        finding(
          `${pkg.directory}/test/conformance.test.ts`,
          'is missing',
          'Run the suite of @tidelock/conformance.',
        ),
      ];
  const strange = names
    .filter((name) => !belongs(name, allowed))
    .map((name) =>
      finding(
        `${base}${name}.ts`,
        `is none of the files of a ${contract} adapter (${allowed.join(', ')})`,
        'Give it to the part it belongs to (`map-contact.ts`), or add its noun to adapter-shape.ts.',
      ),
    );
  return [...missing, ...portless, ...untested, ...strange];
}

export const adapterShape: Rule = {
  name: 'adapter-shape',
  check: (tree) =>
    tree.packages.flatMap((pkg) => {
      const contract = pkg.group === 'packages' ? contractOf(pkg.folder) : undefined;
      return contract === undefined ? [] : checkAdapter(pkg, contract);
    }),
};
