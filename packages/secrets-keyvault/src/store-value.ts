import { createFailure } from './errors.ts';

/** The service keeps text of at most 25 KB, and says of it what people put there. */
const BYTES_TYPE = 'application/octet-stream; base64';
const TEXT_TYPE = 'text/plain; charset=utf-8';
const MOST_CHARACTERS = 25_000;

export interface Stored {
  readonly value: string;
  readonly contentType: string;
}

function toText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Text as it is, anything else as base64 behind a sign that also keeps an empty value from being none. */
export function toStored(bytes: Uint8Array, operation: string): Stored {
  const text = toText(bytes);
  if (text !== null && text !== '') return { value: text, contentType: TEXT_TYPE };
  const value = `=${Buffer.from(bytes).toString('base64')}`;
  if (value.length <= MOST_CHARACTERS) return { value, contentType: BYTES_TYPE };
  throw createFailure('TOO_LARGE', {
    ...{ operation, text: `the vault keeps text, and ${bytes.length} bytes do not fit into it` },
    remedy: 'Store at most 18,700 bytes of what is no text.',
  });
}

export function fromStored({
  value,
  contentType,
}: {
  value: string;
  contentType: string | undefined;
}): Uint8Array {
  if (contentType === BYTES_TYPE && value.startsWith('='))
    return new Uint8Array(Buffer.from(value.slice(1), 'base64'));
  return new TextEncoder().encode(value);
}
