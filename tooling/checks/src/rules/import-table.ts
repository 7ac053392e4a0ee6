import { posix } from 'node:path';
import type { Finding, Package, Rule, TextFile } from '../finding.ts';
import { type Import, packageOf, parse, sourcesOf } from '../syntax.ts';

const contracts = ['crm', 'mailbox', 'token', 'secrets', 'state'];
const scope = '@tidelock/';

export function contractOf(folder: string): string | undefined {
  return contracts.find((contract) => folder.startsWith(`${contract}-`));
}

/** What the sources of a package may import of ours; `typesOf` are erased imports only. */
interface Allowance {
  readonly values: readonly string[];
  readonly typesOf: readonly string[];
}

const table: Readonly<Record<string, Allowance>> = {
  'packages/core': { values: [], typesOf: [] },
  'packages/kit': { values: ['core'], typesOf: [] },
  'packages/engine': { values: ['core'], typesOf: [] },
  'packages/conformance': { values: ['core'], typesOf: [] },
  'packages/emulators': { values: [], typesOf: ['core'] },
  'packages/create-adapter': { values: [], typesOf: [] },
  'packages/host': { values: ['core', 'engine'], typesOf: [] },
  'apps/server': { values: ['host'], typesOf: ['core'] },
  'apps/admin': { values: [], typesOf: [] },
  'apps/cli': { values: ['host', 'emulators', 'server'], typesOf: ['core'] },
};

function allowanceOf(pkg: Package): Allowance | undefined {
  if (pkg.group === 'tooling') return undefined;
  const listed = table[pkg.directory];
  if (listed !== undefined) return listed;
  return { values: contractOf(pkg.folder) === undefined ? [] : ['core', 'kit'], typesOf: [] };
}

/** The run that an adapter ships to prove itself drives emulators; nothing else of the adapter imports it. */
const proof = /^packages\/[^/]+\/src\/conformance\//;
const proofAllowance: Allowance = { values: ['core', 'kit', 'conformance', 'emulators'], typesOf: [] };

export const isProof = (path: string): boolean => proof.test(path);

function isAllowed(used: Import, target: string, allowance: Allowance): boolean {
  return allowance.values.includes(target) || (used.typeOnly && allowance.typesOf.includes(target));
}

function describe(allowance: Allowance): string {
  const types = allowance.typesOf.map((name) => `the types of ${name}`);
  return [...allowance.values, ...types].join(' and ') || 'nothing of ours';
}

function checkFile(pkg: Package, file: TextFile, allowance: Allowance): Finding[] {
  return parse(file).imports.flatMap((used) => {
    const thing = `${file.path}:${used.line}`;
    if (used.specifier.startsWith('.')) {
      if (leaves(pkg, file, used)) return [crossing(thing, used)];
      return drags(file, used) ? [dragging(thing, used)] : [];
    }
    const name = packageOf(used.specifier);
    if (name === undefined || !name.startsWith(scope)) return [];
    const target = name.slice(scope.length);
    if (target === pkg.folder || isAllowed(used, target, allowance)) return [];
    return [
      {
        rule: 'import-table',
        thing,
        reason: `imports ${used.specifier}; ${pkg.directory} may import ${describe(allowance)}`,
        remedy: 'Move the code to the package that may, or add the missing word to a contract in core.',
      },
    ];
  });
}

function leaves(pkg: Package, file: TextFile, used: Import): boolean {
  const target = posix.join(posix.dirname(file.path), used.specifier);
  return !target.startsWith(`${pkg.directory}/`);
}

/** An adapter that imported its own proof would bring the emulators into every installation. */
function drags(file: TextFile, used: Import): boolean {
  const target = posix.join(posix.dirname(file.path), used.specifier);
  return isProof(target) && !isProof(file.path);
}

function dragging(thing: string, used: Import): Finding {
  return {
    rule: 'import-table',
    thing,
    reason: `imports ${used.specifier}, and with it suites and emulators that are not installed`,
    remedy: 'Only tests, and the entry "./conformance", reach into src/conformance.',
  };
}

function crossing(thing: string, used: Import): Finding {
  return {
    rule: 'import-table',
    thing,
    reason: `reaches into another package by the relative path ${used.specifier}`,
    remedy: 'Import the other package by its name.',
  };
}

export const importTable: Rule = {
  name: 'import-table',
  check: (tree) =>
    tree.packages.flatMap((pkg) => {
      const allowance = allowanceOf(pkg);
      if (allowance === undefined) return [];
      return sourcesOf(pkg).flatMap((file) =>
        checkFile(pkg, file, isProof(file.path) ? proofAllowance : allowance),
      );
    }),
};
