import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AdapterNames, parseName, ScaffoldError } from './names.ts';

export { CONTRACTS, ScaffoldError } from './names.ts';

export interface CreateOptions {
  /** `crm-acme` or `@you/crm-acme`. */
  readonly name: string;
  /** Where the folder of the adapter is made. */
  readonly cwd: string;
  /** Folder of the adapter, relative to `cwd`. Default: the name without its scope. */
  readonly directory?: string;
  /** For the repository of Tidelock itself: a package of its workspace, under its rules. */
  readonly workspace?: boolean;
}

export interface Created {
  readonly packageName: string;
  /** Absolute. */
  readonly directory: string;
  /** Relative to `directory`, sorted. */
  readonly files: readonly string[];
}

const PACKAGE = new URL('../', import.meta.url);

/**
 * `_package.json` and `_gitignore`, which packers would take for this package's own, and `x.test.ts.txt`, which its tools
 * would take for a test of its own.
 */
function nameOf(path: string): string {
  const name = path.replaceAll('\\', '/').replace(/\.txt$/, '');
  return name.replace(/(^|\/)_gitignore$/, '$1.gitignore').replace(/(^|\/)_/, '$1');
}

function readTemplate(folder: string): Map<string, string> {
  const root = new URL(`data/${folder}/`, PACKAGE);
  const files = new Map<string, string>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(nameOf(relative(fileURLToPath(root), path)), readFileSync(path, 'utf8'));
  }
  return files;
}

/** Versions stand in our own manifest: packing turns `workspace:^` and `catalog:` there into numbers. */
function versions(): Readonly<Record<string, string>> {
  const manifest = JSON.parse(readFileSync(new URL('package.json', PACKAGE), 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  return manifest.devDependencies;
}

function withVersions(text: string): string {
  const manifest = JSON.parse(text) as Record<string, Record<string, string> | undefined>;
  const known = versions();
  for (const group of ['dependencies', 'devDependencies', 'peerDependencies']) {
    for (const name of Object.keys(manifest[group] ?? {})) {
      const version = known[name];
      if (version === undefined) throw new Error(`the template takes ${name}, whose version is not known`);
      Object.assign(manifest[group] ?? {}, { [name]: version });
    }
  }
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function fill(text: string, { packageName, folder, vendor, pascal }: AdapterNames): string {
  return text
    .replaceAll('@scope/crm-acme', packageName)
    .replaceAll('crm-acme', folder)
    .replaceAll('Acme', pascal)
    .replaceAll('acme', vendor);
}

function requireEmpty(directory: string): void {
  if (!existsSync(directory)) return;
  const held = readdirSync(directory);
  if (held.length === 0) return;
  throw new ScaffoldError(directory, {
    reason: `is not empty (${held.slice(0, 3).join(', ')}${held.length > 3 ? ', ...' : ''})`,
    remedy: 'Name another folder with --directory, or move away what is in it. Nothing was written.',
  });
}

/** The build finds the packages of the workspace through the root's references. */
function addReference(cwd: string, path: string): void {
  const file = join(cwd, 'tsconfig.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as { references: { path: string }[] };
  const at = config.references.findLastIndex((each) => each.path.startsWith('packages/')) + 1;
  config.references.splice(at, 0, { path });
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`);
}

/** Writes a new adapter. Changes nothing where it throws `ScaffoldError`. */
export function createAdapter(options: CreateOptions): Created {
  const names = parseName(options.name, options.workspace === true ? '@tidelock' : undefined);
  const place = options.workspace === true ? join('packages', names.folder) : names.folder;
  const directory = resolve(options.cwd, options.directory ?? place);
  requireEmpty(directory);
  const files = readTemplate('crm');
  if (options.workspace === true) for (const [name, text] of readTemplate('workspace')) files.set(name, text);
  for (const [name, text] of files) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    const filled = fill(text, names);
    const isManifest = name === 'package.json' && options.workspace !== true;
    writeFileSync(path, isManifest ? withVersions(filled) : filled, { flag: 'wx' });
  }
  if (options.workspace === true) addReference(options.cwd, `packages/${names.folder}`);
  return { packageName: names.packageName, directory, files: [...files.keys()].sort() };
}
