import { parseSync } from 'oxc-parser';
import type { Package, TextFile } from './finding.ts';

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** Erased by the compiler: `import type` or `export type`. */
  readonly typeOnly: boolean;
  /** Imported names; empty for namespace, side-effect and dynamic imports. */
  readonly names: readonly string[];
}

/** A node of the syntax tree; properties are read through the type guards below. */
export type Node = { readonly type: string; readonly start: number } & Readonly<Record<string, unknown>>;

export interface Syntax {
  readonly imports: readonly Import[];
  readonly nodes: readonly Node[];
  readonly lineAt: (offset: number) => number;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

export function isIdentifier(value: unknown, name: string): boolean {
  return isNode(value) && value.type === 'Identifier' && value.name === name;
}

/** True for `object.property`, and for `object['property']`. */
export function isMember(value: unknown, object: string, property: string): value is Node {
  if (!isNode(value) || value.type !== 'MemberExpression' || !isIdentifier(value.object, object))
    return false;
  const named = value.property;
  if (value.computed !== true) return isIdentifier(named, property);
  return isNode(named) && named.value === property;
}

const cache = new Map<string, Syntax>();

/** Throws where the file is not TypeScript: a file that cannot be read cannot be found clean. */
export function parse(file: TextFile): Syntax {
  const key = `${file.path}\n${file.text}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const result = parseSync(file.path, file.text);
  const error = result.errors[0];
  if (error !== undefined) throw new Error(`${file.path} cannot be parsed: ${error.message}`);
  const nodes: Node[] = [];
  collect(result.program, nodes);
  const lineAt = (offset: number): number => file.text.slice(0, offset).split('\n').length;
  const syntax = { nodes, lineAt, imports: nodes.flatMap((node) => toImport(node, lineAt)) };
  cache.set(key, syntax);
  return syntax;
}

function collect(value: unknown, into: Node[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, into);
    return;
  }
  if (!isNode(value)) return;
  into.push(value);
  for (const child of Object.values(value)) collect(child, into);
}

const importing = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
]);

function toImport(node: Node, lineAt: (offset: number) => number): Import[] {
  if (!importing.has(node.type)) return [];
  const source = node.source ?? node.argument;
  const specifier = isNode(source) ? (source.value ?? literalOf(source)) : undefined;
  if (typeof specifier !== 'string') return [];
  const typeOnly = node.importKind === 'type' || node.exportKind === 'type' || node.type === 'TSImportType';
  return [{ specifier, line: lineAt(node.start), typeOnly, names: importedNames(node) }];
}

function literalOf(node: Node): unknown {
  const literal = node.literal;
  return isNode(literal) ? literal.value : undefined;
}

function importedNames(node: Node): string[] {
  const specifiers = Array.isArray(node.specifiers) ? node.specifiers : [];
  return specifiers.flatMap((specifier: unknown) => {
    const imported = isNode(specifier) ? (specifier.imported ?? specifier.local) : undefined;
    const name = isNode(imported) ? imported.name : undefined;
    return typeof name === 'string' ? [name] : [];
  });
}

/** `@scope/name/sub/path` -> `@scope/name`; undefined for relative and `node:` specifiers. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:') || specifier.startsWith('#'))
    return undefined;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

const code = /\.(ts|tsx|mts)$/;

/** The TypeScript under `src`. */
export function sourcesOf(pkg: Package): readonly TextFile[] {
  return pkg.files.filter((file) => file.path.startsWith(`${pkg.directory}/src/`) && code.test(file.path));
}
