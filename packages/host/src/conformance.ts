import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Conformance, InputError } from '@tidelock/core';

export interface LoadedConformance {
  /** Full name of the package. */
  readonly name: string;
  readonly version: string | null;
  readonly conformance: Conformance;
}

interface Manifest {
  readonly name?: unknown;
  readonly version?: unknown;
}

function readManifest(file: string): Manifest | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  } catch {
    return null;
  }
}

const isFolder = (target: string): boolean => /^(\.{1,2}$|\.{0,2}[/\\]|[A-Za-z]:[/\\])/.test(target);

/** A folder stands for the package in it, which finds itself by its own name. */
function toPackage(target: string, cwd: string, places: readonly string[]) {
  if (!isFolder(target)) return { name: target, places };
  const file = join(resolve(cwd, target), 'package.json');
  const name = readManifest(file)?.name;
  if (typeof name !== 'string')
    throw new InputError(`There is no package in ${target}.`, [
      {
        path: file,
        reason: 'is missing, or has no name',
        remedy: 'Name an installed package, or its folder.',
      },
    ]);
  return { name, places: [file] };
}

function find(name: string, places: readonly string[], entry: string): string | null {
  for (const place of places) {
    try {
      return createRequire(place).resolve(`${name}${entry}`);
    } catch {}
  }
  return null;
}

const isConformance = (value: unknown): value is Conformance => {
  const { contract, suites } = (value ?? {}) as Partial<Record<keyof Conformance, unknown>>;
  return typeof contract === 'string' && Array.isArray(suites) && suites.length > 0;
};

function refuse(name: string, reason: string, remedy: string): InputError {
  return new InputError(`${name} cannot be verified.`, [{ path: name, reason, remedy }]);
}

/** What Node says when a package that the entry imports is not there. */
const missingPackage = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    ? (/Cannot find package '([^']+)'/.exec(error.message)?.[1] ?? null)
    : null;

async function load(name: string, file: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    const missing = missingPackage(error);
    if (missing !== null)
      throw refuse(
        name,
        `its proof needs ${missing}, which is not installed`,
        `Run: npm install --save-dev ${missing}`,
      );
    const what = error instanceof Error ? `${error.name}: ${error.message}` : 'an error';
    throw refuse(name, `its proof cannot be loaded (${what})`, 'Ask its author.');
  }
}

/**
 * Loads `<package>/conformance`. `target`: the name of an installed package, or the path of a package's folder, relative
 * to `cwd`. `places`: files from which the package is looked for, in their order. Throws `InputError`.
 */
export async function loadConformance(
  target: string,
  from: { readonly cwd: string; readonly places: readonly string[] },
): Promise<LoadedConformance> {
  const { name, places } = toPackage(target, from.cwd, from.places);
  const file = find(name, places, '/conformance');
  if (file === null) {
    const installed = find(name, places, '') ?? find(name, places, '/package.json');
    throw installed === null
      ? refuse(name, 'the package is not installed', `Run: npm install ${name}`)
      : refuse(
          name,
          'it has no entry "./conformance", or that is not built',
          'Build it, or ask its author to ship the run that proves it: docs/write-an-adapter.md.',
        );
  }
  const { conformance } = await load(name, file);
  if (!isConformance(conformance))
    throw refuse(
      name,
      `${name}/conformance exports no "conformance" with suites`,
      'See docs/write-an-adapter.md for its shape.',
    );
  const manifest = find(name, places, '/package.json');
  const version = manifest === null ? undefined : readManifest(manifest)?.version;
  return { name, version: typeof version === 'string' ? version : null, conformance };
}
