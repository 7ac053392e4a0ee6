/** Reproducible randomness: equal seeds give equal sequences. Not for secrets. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Whole number in [0, maxExclusive). */
  int(maxExclusive: number): number;
  /** Lower-case hexadecimal digits. */
  hex(chars: number): string;
  /** Version 4 layout. */
  uuid(): string;
}

export function createRandom(seed: number): Random {
  let state = seed | 0;
  const word = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const next = (): number => word() / 4294967296;
  const int = (maxExclusive: number): number => Math.floor(next() * maxExclusive);
  const hex = (chars: number): string => {
    let text = '';
    while (text.length < chars) text += word().toString(16).padStart(8, '0');
    return text.slice(0, chars);
  };
  const uuid = (): string => {
    const digits = hex(32);
    const variant = ((Number.parseInt(digits.slice(16, 17), 16) & 3) | 8).toString(16);
    return [
      digits.slice(0, 8),
      digits.slice(8, 12),
      `4${digits.slice(13, 16)}`,
      `${variant}${digits.slice(17, 20)}`,
      digits.slice(20),
    ].join('-');
  };
  return { next, int, hex, uuid };
}
