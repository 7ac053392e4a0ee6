import { badRequest, invalidQuery } from './graph-error.ts';

/** The `$` options of a request, by lower-case name without the `$`. */
export type QueryOptions = ReadonlyMap<string, string>;

/** Refuses options that the operation does not support, and repeated ones. Other parameters are ignored. */
export function readQueryOptions(url: URL, supported: readonly string[]): QueryOptions {
  const options = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (!name.startsWith('$')) continue;
    const option = name.slice(1).toLowerCase();
    if (!supported.includes(option)) throw invalidQuery(`The query option '${name}' is not supported here.`);
    if (options.has(option)) throw invalidQuery(`The query option '${name}' must be specified at most once.`);
    options.set(option, value);
  }
  return options;
}

export function readSelect(
  options: QueryOptions,
  known: ReadonlySet<string>,
  type: string,
): string[] | undefined {
  const text = options.get('select');
  if (text === undefined) return undefined;
  const names = text.split(',').map((name) => name.trim());
  return names.map((name) => {
    const match = [...known].find((candidate) => candidate.toLowerCase() === name.toLowerCase());
    if (match !== undefined) return match;
    throw badRequest(
      `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type ` +
        `'microsoft.graph.${type}'.`,
    );
  });
}

const readCount = (
  options: QueryOptions,
  name: string,
  range: { min: number; max: number },
): number | undefined => {
  const text = options.get(name);
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= range.min && value <= range.max)) {
    throw invalidQuery(`The value '${text}' of $${name} must be between ${range.min} and ${range.max}.`);
  }
  return value;
};

export function readPage(
  options: QueryOptions,
  limits: { fallback: number; max: number },
): { top: number; skip: number } {
  return {
    top: readCount(options, 'top', { min: 1, max: limits.max }) ?? limits.fallback,
    skip: readCount(options, 'skip', { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? 0,
  };
}

/** The same request with one option replaced, its other parameters as they came. */
export function withOption(url: URL, name: string, value: string): string {
  const kept = url.search
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && decodeURIComponent(part.split('=')[0] ?? '').toLowerCase() !== name);
  return `${url.origin}${url.pathname}?${[...kept, `${name}=${encodeURIComponent(value)}`].join('&')}`;
}

export interface Preferences {
  immutableIds: boolean;
  maxPageSize: number | undefined;
  /** As it was written, Windows or IANA; undefined: UTC. */
  timeZone: string | undefined;
  /** Bodies of events as text instead of HTML. */
  textBodies: boolean | undefined;
}

export function readPreferences(headers: Headers): Preferences {
  const text = headers.get('prefer') ?? '';
  const size = /odata\.maxpagesize\s*=\s*"?(\d+)"?/i.exec(text)?.[1];
  const body = /outlook\.body-content-type\s*=\s*"?(text|html)"?/i.exec(text)?.[1];
  return {
    immutableIds: /IdType\s*=\s*"?ImmutableId"?/i.test(text),
    maxPageSize: size === undefined ? undefined : Math.max(1, Number(size)),
    timeZone: /outlook\.timezone\s*=\s*(?:"([^"]*)"|([^,;"\s]+))/i
      .exec(text)
      ?.slice(1)
      .find((part) => part !== undefined),
    textBodies: body === undefined ? undefined : body.toLowerCase() === 'text',
  };
}
