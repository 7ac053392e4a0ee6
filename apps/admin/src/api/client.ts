import { type ProblemDocument, Refused, Unreached } from './failure.ts';

const API = '/api/v1';

/** Proof that a request comes from our own page; the server gives it with the session. */
const CSRF_HEADER = 'x-csrf-token';
let csrf: string | null = null;

export const setCsrf = (token: string | null): void => {
  csrf = token;
};

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** `/reviews?kind=match`; what is null, undefined or empty is left out. */
export function pathWith(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  if (pairs.length === 0) return path;
  const texts = pairs.map(([name, value]): [string, string] => [name, String(value)]);
  return `${path}?${new URLSearchParams(texts)}`;
}

async function documentOf(answer: Response): Promise<ProblemDocument> {
  const isJson = answer.headers.get('content-type')?.includes('json') === true;
  if (!isJson) return {};
  return (await answer.json().catch(() => ({}))) as ProblemDocument;
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(`${API}${path}`, { credentials: 'same-origin', ...init }).catch(() => {
    throw new Unreached(path);
  });
  if (answer.status === 502 && !answer.headers.get('content-type')?.includes('json'))
    throw new Unreached(path);
  if (!answer.ok) throw new Refused(answer.status, await documentOf(answer));
  return answer;
}

async function bodyOf<T>(answer: Response): Promise<T> {
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

export async function get<T>(path: string, query?: Query): Promise<T> {
  return bodyOf<T>(await send(pathWith(path, query), { headers: { accept: 'application/json' } }));
}

export type Method = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Throws `Refused` with the server's words, or `Unreached`. */
export async function act<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json', 'content-type': 'application/json' };
  if (csrf !== null) headers[CSRF_HEADER] = csrf;
  return bodyOf<T>(await send(path, { method, headers, body: JSON.stringify(body ?? {}) }));
}

export const addressOf = (path: string): string => `${API}${path}`;
