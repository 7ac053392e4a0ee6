import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Versions = Readonly<Record<string, string>>;

/** What is read of `pnpm-lock.yaml`. */
export interface Lock {
  readonly importers: Readonly<
    Record<
      string,
      {
        readonly dependencies?: Readonly<Record<string, { readonly version: string }>>;
        readonly optionalDependencies?: Readonly<Record<string, { readonly version: string }>>;
      }
    >
  >;
  readonly packages: Readonly<Record<string, { readonly resolution: Readonly<Record<string, unknown>> }>>;
  readonly snapshots: Readonly<
    Record<string, { readonly dependencies?: Versions; readonly optionalDependencies?: Versions }>
  >;
}

const withoutPeers = (key: string): string => key.replace(/\(.*$/, '');

/** Packages of others that an importer brings to whoever runs it, its development left out: `name@version`. */
export function productionOf(lock: Lock, importer: string): ReadonlySet<string> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const enter = (place: string): void => {
    if (seen.has(place)) return;
    seen.add(place);
    const { dependencies, optionalDependencies } = lock.importers[place] ?? {};
    for (const [name, { version }] of Object.entries({ ...dependencies, ...optionalDependencies })) {
      if (version.startsWith('link:')) enter(join(place, version.slice('link:'.length)));
      else follow(name, version);
    }
  };
  const follow = (name: string, version: string): void => {
    // An alias names the package itself.
    const key = Object.hasOwn(lock.snapshots, version) ? version : `${name}@${version}`;
    if (seen.has(key)) return;
    seen.add(key);
    found.add(withoutPeers(key));
    const { dependencies, optionalDependencies } = lock.snapshots[key] ?? {};
    for (const [next, at] of Object.entries({ ...dependencies, ...optionalDependencies })) follow(next, at);
  };
  enter(importer);
  return found;
}

/** Packages that are not pinned by the hash of what the registry served, or come from elsewhere. */
export function unsealed(lock: Lock): readonly string[] {
  return Object.entries(lock.packages)
    .filter(([, { resolution }]) => {
      const { integrity, ...elsewhere } = resolution;
      return !/^sha512-[\w+/]{86}==$/.test(String(integrity)) || Object.keys(elsewhere).length > 0;
    })
    .map(([name]) => name);
}

const nameOf = (key: string): string => key.slice(0, key.lastIndexOf('@'));

/** Packages that run code when they are installed, among these: as the lock file's settings let them, and as they ask for. */
export function installing(
  packages: ReadonlySet<string>,
  of: { readonly allowed: Readonly<Record<string, boolean>>; readonly root: string },
): readonly string[] {
  const folder = join(of.root, 'node_modules/.pnpm');
  const there = readdirSync(folder);
  const asks = (key: string): boolean => {
    const [name, stem] = [nameOf(key), key.replaceAll('/', '+')];
    const place = there.find(
      (one) => one === stem || one.startsWith(`${stem}_`) || one.startsWith(`${stem}(`),
    );
    if (place === undefined) return false;
    const path = join(folder, place, 'node_modules', name, 'package.json');
    const { scripts = {} } = JSON.parse(readFileSync(path, 'utf8')) as { scripts?: Versions };
    return ['preinstall', 'install', 'postinstall'].some((script) => Object.hasOwn(scripts, script));
  };
  return [...packages].filter((key) => of.allowed[nameOf(key)] === true || asks(key));
}

interface Bill {
  readonly components: readonly { readonly purl: string }[];
}

/** `pkg:npm/%40azure/identity@4.14.1` -> `@azure/identity@4.14.1` */
const keyOf = (purl: string): string => decodeURIComponent(purl.replace(/^pkg:npm\//, ''));

/** What a bill of materials leaves out of these packages, and what it names beside them and ours. */
export function wrongIn(
  bill: Bill,
  packages: ReadonlySet<string>,
): { readonly missing: string[]; readonly extra: string[] } {
  const named = new Set(bill.components.map(({ purl }) => keyOf(purl)));
  return {
    missing: [...packages].filter((key) => !named.has(key)),
    extra: [...named].filter((key) => !packages.has(key) && !key.startsWith('@tidelock/')),
  };
}
