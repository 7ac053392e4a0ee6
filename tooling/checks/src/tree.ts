import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Manifest, Package, TextFile, Tree } from './finding.ts';

const ignored = new Set(['node_modules', 'dist', '.git', '.turbo', 'coverage', '.tidelock', '.cache']);
const binary = /\.(png|jpe?g|gif|ico|woff2?|gz|tgz|zip|sqlite|db|pem|der|p12)$/;
const groups = ['packages', 'apps', 'tooling'] as const;

function walk(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (ignored.has(entry.name) || entry.isSymbolicLink()) return [];
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return walk(path);
    return binary.test(entry.name) || entry.name.endsWith('.tsbuildinfo') ? [] : [path];
  });
}

/** Throws where a package.json is not JSON: nothing can be said about such a tree. */
function toManifest(file: TextFile): Manifest {
  try {
    return JSON.parse(file.text) as Manifest;
  } catch (cause) {
    throw new Error(`${file.path} is not valid JSON`, { cause });
  }
}

function toPackage(file: TextFile, files: readonly TextFile[]): Package[] {
  const [group, folder, name, ...rest] = file.path.split('/');
  const known = groups.find((candidate) => candidate === group);
  if (known === undefined || folder === undefined || name !== 'package.json' || rest.length > 0) return [];
  const directory = `${known}/${folder}`;
  const own = files.filter((candidate) => candidate.path.startsWith(`${directory}/`));
  return [{ directory, folder, group: known, manifest: toManifest(file), files: own }];
}

export function readTree(root: string): Tree {
  const files = walk(root).map((path) => ({
    path: relative(root, path).split(sep).join('/'),
    text: readFileSync(path, 'utf8'),
  }));
  const rootManifest = files.find((file) => file.path === 'package.json');
  if (rootManifest === undefined) throw new Error(`${root} holds no package.json`);
  return {
    root: toManifest(rootManifest),
    files,
    packages: files.flatMap((file) => toPackage(file, files)),
  };
}
