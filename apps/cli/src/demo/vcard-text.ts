import type { VcardLine } from './vcard-lines.ts';

const REPLACEMENT = '\ufffd';

/** Bytes as Latin-1 text -> text. Without a charset: UTF-8, and Windows-1252 where that does not fit. */
function decode(binary: string, charset: string | undefined): string {
  const bytes = Buffer.from(binary, 'latin1');
  if (charset !== undefined) {
    try {
      return new TextDecoder(charset).decode(bytes);
    } catch {
      // An unknown charset: guessing below is better than refusing a person.
    }
  }
  const utf8 = new TextDecoder('utf-8').decode(bytes);
  return utf8.includes(REPLACEMENT) ? new TextDecoder('windows-1252').decode(bytes) : utf8;
}

const fromPrintable = (text: string): string =>
  text.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** The value as text; separators and escapes still in it. */
export function wireText(line: VcardLine): string {
  const printable = line.params.ENCODING?.toLowerCase() === 'quoted-printable';
  return decode(printable ? fromPrintable(line.raw) : line.raw, line.params.CHARSET);
}

export const isBinary = (line: VcardLine): boolean =>
  ['b', 'base64'].includes((line.params.ENCODING ?? '').toLowerCase());

/** Undoes backslash escapes; `\n` is a line break from version 3.0 on. */
export function unescapeText(text: string, version: string): string {
  const plain = text.replace(/\\([\\;,:"nN])/g, (whole, char: string) => {
    if (char !== 'n' && char !== 'N') return char;
    return version === '2.1' ? whole : '\n';
  });
  return plain.replace(/\r\n?/g, '\n').trim();
}

/** Splits at semicolons that are not escaped, then undoes the escapes. */
export function splitParts(text: string, version: string): string[] {
  return (text.match(/(?:\\[\s\S]|[^;\\])+|(?<=^|;)(?=;|$)/g) ?? []).map((part) =>
    unescapeText(part, version),
  );
}
