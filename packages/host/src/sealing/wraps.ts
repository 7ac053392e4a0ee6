/**
 * One data key may be wrapped by two secret stores at once, while it moves from one to the other: either opens it.
 * `"TDLKW" | 0x01 | (length (4) | wrapped)...`; anything else is one wrapped key by itself.
 */
const MAGIC = Buffer.from('TDLKW\u0001', 'latin1');
const LENGTH = 4;

export function toWraps(stored: Uint8Array): readonly Uint8Array[] {
  const bytes = Buffer.from(stored);
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return [stored];
  const wraps: Uint8Array[] = [];
  for (let at = MAGIC.length; at + LENGTH <= bytes.length; ) {
    const end = at + LENGTH + bytes.readUInt32BE(at);
    wraps.push(new Uint8Array(bytes.subarray(at + LENGTH, end)));
    at = end;
  }
  return wraps;
}

export function fromWraps(wraps: readonly Uint8Array[]): Uint8Array {
  const [only, ...others] = wraps;
  if (only !== undefined && others.length === 0) return only;
  const parts = wraps.flatMap((wrap) => {
    const length = Buffer.alloc(LENGTH);
    length.writeUInt32BE(wrap.length);
    return [length, wrap];
  });
  return new Uint8Array(Buffer.concat([MAGIC, ...parts]));
}
