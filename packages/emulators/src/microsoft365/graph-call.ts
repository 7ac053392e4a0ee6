import type { Preferences } from './query-options.ts';

/** One request to Graph, outer or inner, after its envelope has been read. */
export interface GraphCall {
  method: string;
  url: URL;
  /** Decoded path segments after `/v1.0`, key-in-parentheses form resolved: `users('a')` is `users`, `a`. */
  segments: string[];
  headers: Headers;
  /** Parsed JSON; undefined without a body; a BadBody when it could not be parsed. */
  body: unknown;
  preferences: Preferences;
}

export interface GraphAnswer {
  status: number;
  headers: Record<string, string>;
  body?: unknown;
}

/** Marks a body that is no JSON. */
export const badBody: unique symbol = Symbol('body is not JSON');

export const contentType =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

export const jsonAnswer = (
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): GraphAnswer => ({
  status,
  headers: { 'Content-Type': contentType, 'OData-Version': '4.0', ...headers },
  body,
});

export const emptyAnswer = (status: number): GraphAnswer => ({ status, headers: {} });

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

export function toSegments(pathname: string): string[] {
  const parts = pathname.split('/').filter((part) => part !== '');
  return parts.slice(1).flatMap((part) => {
    const text = decode(part);
    const keyed = /^([A-Za-z]+)\('(.*)'\)$/.exec(text);
    return keyed === null ? [text] : [keyed[1] ?? '', (keyed[2] ?? '').replaceAll("''", "'")];
  });
}

/** Path and query string, decoded: what fault rules are matched against. */
export const toFaultPath = (url: URL): string => decode(url.pathname + url.search);
