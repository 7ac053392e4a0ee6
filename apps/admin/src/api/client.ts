import createClient, { type Middleware } from 'openapi-fetch';
import { isSomebodyThere } from './attention.ts';
import { type ProblemDocument, Refused, Unreached } from './failure.ts';
import type { components, paths } from './generated/api.d.ts';

/** What the server's document says of its answers. */
export type Schemas = components['schemas'];

/** Proof that a request comes from our own page; the server gives it with the session. */
const CSRF_HEADER = 'x-tidelock-csrf';
/** What the page asks for by itself keeps nobody signed in who has left. */
const BACKGROUND_HEADER = 'x-tidelock-background';
let csrf: string | null = null;

export const setCsrf = (token: string | null): void => {
  csrf = token;
};

const guard: Middleware = {
  onRequest({ request }) {
    if (csrf !== null && request.method !== 'GET') request.headers.set(CSRF_HEADER, csrf);
    if (!isSomebodyThere()) request.headers.set(BACKGROUND_HEADER, '1');
    return request;
  },
  onError: () => new Unreached('nobody answered'),
};

export const api = createClient<paths>({ credentials: 'same-origin' });
api.use(guard);

interface Sent<T> {
  readonly data?: T | undefined;
  readonly error?: unknown;
  readonly response: Response;
}

const isDocument = (error: unknown): error is ProblemDocument => typeof error === 'object' && error !== null;

/** What the server answered. Throws `Refused` with its words, or `Unreached` where something else answered in its place. */
export async function answer<T>(sent: Promise<Sent<T>>): Promise<T> {
  const { data, error, response } = await sent;
  if (response.ok) return data as T;
  if (!isDocument(error)) {
    if (response.status >= 502) throw new Unreached(`status ${response.status}`);
    throw new Refused(response.status, {});
  }
  throw new Refused(response.status, error);
}

/** An instant as the server writes it, in milliseconds since the epoch. */
export const instant = (text: string): number => Date.parse(text);
