import type { TextFile } from '../finding.ts';

/** A comment, and the key that stands right after it, or first in the object that stands right after it. */
const COMMENTED = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:z\.strictObject\(\{\s*)?([A-Za-z]\w*)\??:/g;

const plain = (comment: string): string =>
  comment
    .replaceAll(/^\s*\* ?/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();

/**
 * What the doc comments of schema sources say about each key. Throws where two comments disagree about one key, for
 * the key alone says which option is meant.
 */
export function readDocComments(files: readonly TextFile[]): ReadonlyMap<string, string> {
  const comments = new Map<string, string>();
  for (const { path, text } of files) {
    for (const [, comment = '', key = ''] of text.matchAll(COMMENTED)) {
      const before = comments.get(key);
      if (before !== undefined && before !== plain(comment))
        throw new Error(`${path}: "${key}" has two doc comments that differ; give one key another name.`);
      comments.set(key, plain(comment));
    }
  }
  return comments;
}
