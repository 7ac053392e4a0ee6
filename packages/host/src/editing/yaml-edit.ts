import { isDeepStrictEqual } from 'node:util';
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Path } from '../problems.ts';

/** What is to stand at a place. `undefined`: nothing. */
export interface Edit {
  readonly path: Path;
  readonly value: unknown;
}

/** By which member an entry of a list is known, so that one that was changed keeps its comments. */
const NAMES = ['address', 'field', 'profile', 'name', 'secret'] as const;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const nameOf = (value: unknown): unknown => {
  if (!isRecord(value)) return undefined;
  const name = NAMES.find((one) => value[one] !== undefined);
  return name === undefined ? undefined : JSON.stringify([name, value[name]]);
};

/** The node that shows the value, made of the one that is there as far as that goes. */
function nodeFor(document: Document, present: unknown, value: unknown): Node {
  if (isMap(present) && isRecord(value)) return fillMap(document, present, value);
  if (isSeq(present) && Array.isArray(value)) return fillList(document, present, value);
  if (isScalar(present) && !isRecord(value) && !Array.isArray(value)) {
    present.value = value;
    return present;
  }
  const made = document.createNode(value);
  if (isNode(present)) {
    made.comment = present.comment;
    made.commentBefore = present.commentBefore;
  }
  return made;
}

function fillMap(document: Document, map: YAMLMap, value: Readonly<Record<string, unknown>>): Node {
  const wanted = Object.entries(value).filter(([, inner]) => inner !== undefined);
  const names = new Set(wanted.map(([key]) => key));
  map.items = map.items.filter(({ key }) => names.has(String(isScalar(key) ? key.value : key)));
  for (const [key, inner] of wanted) {
    const present = map.get(key, true);
    const node = nodeFor(document, present, inner);
    if (node !== present) map.set(key, node);
  }
  return map;
}

function fillList(document: Document, list: YAMLSeq, values: readonly unknown[]): Node {
  const left = list.items.map((node) => ({ node, value: isNode(node) ? node.toJS(document) : node }));
  const take = (fits: (value: unknown) => boolean): unknown => {
    const at = left.findIndex((one) => fits(one.value));
    return at < 0 ? undefined : left.splice(at, 1)[0]?.node;
  };
  const same = values.map((value) => take((other) => isDeepStrictEqual(other, value)));
  list.items = values.map((value, index) => {
    const name = nameOf(value);
    const present = same[index] ?? (name === undefined ? undefined : take((other) => nameOf(other) === name));
    return nodeFor(document, present, value);
  });
  return list;
}

function apply(document: Document, { path, value }: Edit): void {
  if (value === undefined) {
    if (document.hasIn(path)) document.deleteIn(path);
    return;
  }
  const present = document.getIn(path, true);
  const node = nodeFor(document, present, value);
  if (node !== present) document.setIn(path, node);
}

/** The same text with these changes; what they do not touch keeps its place and its comments. */
export function editYaml(text: string, edits: readonly Edit[]): string {
  const document = parseDocument(text);
  for (const edit of edits) apply(document, edit);
  return document.toString({ lineWidth: 0 });
}
