const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECKSUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/** The three check characters that make a 15-character, case-sensitive id safe where case is lost. */
function checksumOf(id15: string): string {
  let suffix = '';
  for (let group = 0; group < 3; group += 1) {
    let bits = 0;
    for (let index = 0; index < 5; index += 1) {
      const char = id15.charAt(group * 5 + index);
      if (char >= 'A' && char <= 'Z') bits |= 1 << index;
    }
    suffix += CHECKSUM.charAt(bits);
  }
  return suffix;
}

/** 18-character form of a 15- or 18-character id, or undefined when the text is no record id. */
export function toId18(text: string): string | undefined {
  if (!/^(?:[A-Za-z0-9]{15}|[A-Za-z0-9]{18})$/.test(text)) return undefined;
  const id15 = text.slice(0, 15);
  const id18 = id15 + checksumOf(id15);
  return text.length === 15 || id18.toUpperCase() === text.toUpperCase() ? id18 : undefined;
}

/** A source of ids that grow in ASCII order: the three-character prefix of the object, then a counter in base 62. */
export function createIdSequence(prefix: string): () => string {
  let counter = 0;
  return () => {
    counter += 1;
    let rest = counter;
    let digits = '';
    while (rest > 0) {
      digits = DIGITS.charAt(rest % 62) + digits;
      rest = Math.floor(rest / 62);
    }
    const id15 = `${prefix}gK${digits.padStart(10, '0')}`;
    return id15 + checksumOf(id15);
  };
}
