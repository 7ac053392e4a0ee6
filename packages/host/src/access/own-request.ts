import { createHmac } from 'node:crypto';
import { isSame } from '../consent/attempts.ts';
import type { Caller } from './caller.ts';
import { AccessRefusal } from './refusal.ts';

export const CSRF_HEADER = 'x-tidelock-csrf';
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

export const isSafe = (method: string): boolean => SAFE.has(method.toUpperCase());

/** Proves that a request was made by a page that could read its session. Made of the session's secret, and tells nothing of it. */
export const csrfTokenOf = (secret: string): string =>
  createHmac('sha256', secret).update('tidelock csrf').digest('base64url');

/** Browsers say by themselves where a request comes from; an old one says at least of which page. Neither: it is no page of ours. */
export function requireOwnSite(caller: Caller, origin: string): void {
  const site = caller.header('sec-fetch-site');
  const isOwn = site === undefined ? caller.header('origin') === origin : site === 'same-origin';
  if (!isOwn) throw new AccessRefusal('foreign-request');
}

/** A form of another site cannot send JSON. */
export function requireJson(caller: Caller): void {
  const [type] = (caller.header('content-type') ?? '').split(';');
  const hasBody =
    caller.header('transfer-encoding') !== undefined || Number(caller.header('content-length') ?? 0) > 0;
  if (hasBody && type?.trim().toLowerCase() !== 'application/json') throw new AccessRefusal('not-json');
}

export function requireCsrfToken(caller: Caller, secret: string): void {
  if (!isSame(caller.header(CSRF_HEADER) ?? '', csrfTokenOf(secret))) throw new AccessRefusal('csrf-token');
}
