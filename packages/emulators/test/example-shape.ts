/** What JSON.parse gives. */
type Json = ReturnType<typeof JSON.parse>;

interface Place {
  readonly path: string;
  /** More members than the example shows are fine. */
  readonly extras: boolean;
}

type Mismatch = (expected: Json, actual: Json, at: Place) => string[];

/**
 * Compares an answer with that of an example: members of these names have to be equal, everything else of the same type.
 * Null says nothing.
 */
export function createMismatch(exact: ReadonlySet<string>): Mismatch {
  const ofArray = (expected: Json[], actual: Json, at: Place): string[] => {
    if (!Array.isArray(actual)) return [`${at.path}: no array`];
    if (expected.length > 0 && actual.length === 0) return [`${at.path}: empty`];
    if (expected.length === 0) return [];
    return actual.flatMap((item, index) =>
      mismatch(expected[Math.min(index, expected.length - 1)], item, {
        ...at,
        path: `${at.path}[${index}]`,
      }),
    );
  };
  const ofMember = (key: string, pair: { expected: Json; actual: Json }, at: Place): string[] => {
    const path = `${at.path}.${key}`;
    if (!(key in pair.actual)) return [`${path}: absent`];
    const [expected, actual] = [pair.expected[key], pair.actual[key]];
    if (exact.has(key)) return expected === actual ? [] : [`${path}: ${actual} instead of ${expected}`];
    return mismatch(expected, actual, { ...at, path });
  };
  const mismatch: Mismatch = (expected, actual, at) => {
    if (expected === null || actual === null) return [];
    if (Array.isArray(expected)) return ofArray(expected, actual, at);
    if (typeof expected !== typeof actual) return [`${at.path}: ${typeof actual}`];
    if (typeof expected !== 'object') return [];
    const extra = Object.keys(actual).filter((key) => !at.extras && !(key in expected));
    return [
      ...Object.keys(expected).flatMap((key) => ofMember(key, { expected, actual }, at)),
      ...extra.map((key) => `${at.path}.${key}: extra`),
    ];
  };
  return mismatch;
}
