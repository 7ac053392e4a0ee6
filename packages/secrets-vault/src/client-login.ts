import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { type AdapterContext, isAdapterError } from '@tidelock/core';
import type { VaultClient } from './client.ts';
import type { Login, Source } from './config.ts';
import { createFailure } from './errors.ts';
import { AuthSchema, LookupSchema, parseAnswer, SecretIdSchema, WrappedSchema } from './wire.ts';

const OPERATION = 'secrets.login';
const MAX_SOURCE_BYTES = 65_536;

/** A token and how long it is good for. */
export interface Granted {
  readonly token: string;
  /** Milliseconds; Infinity = for good. */
  readonly leaseMs: number;
  readonly renewable: boolean;
  /** Whether it was issued to this process, which then takes it back at the end. */
  readonly own: boolean;
}

export interface LoginPlace {
  readonly context: AdapterContext & { readonly env?: Readonly<Record<string, string | undefined>> };
  readonly client: VaultClient;
}

function unread(text: string, remedy: string): Error {
  return createFailure('CONFIG', { operation: OPERATION, text, remedy });
}

async function readSourceFile(file: string): Promise<string> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw unread(
      `${file} cannot be read (${code})`,
      'Put the file there, for the user that runs this process.',
    );
  });
  try {
    const { size } = await handle.stat();
    if (size > MAX_SOURCE_BYTES) throw unread(`${file} is too large`, 'Name the file with the token.');
    return (await handle.readFile('utf8')).trim();
  } finally {
    await handle.close();
  }
}

/** Read anew each time: platforms replace tokens in files while a process runs. */
export async function readSource(source: Source, { context }: Pick<LoginPlace, 'context'>): Promise<string> {
  if ('file' in source) {
    const file = path.resolve(context.dataDir, source.file);
    const text = await readSourceFile(file);
    if (text === '') throw unread(`${file} is empty`, 'Write the token into it.');
    return text;
  }
  const value = context.env?.[source.env]?.trim();
  if (value !== undefined && value !== '') return value;
  throw unread(`the environment variable ${source.env} is not set`, `Set ${source.env} for this process.`);
}

function refusedLogin(error: unknown, text: string, remedy: string): unknown {
  const refused = isAdapterError(error) && (error.status === 400 || error.status === 403);
  return refused
    ? createFailure('LOGIN_REFUSED', { operation: OPERATION, status: error.status, text, remedy })
    : error;
}

async function logIn(
  mount: string,
  body: Readonly<Record<string, string>>,
  { client }: LoginPlace,
): Promise<Granted> {
  const call = {
    operation: OPERATION,
    method: 'POST',
    path: `auth/${mount}/login`,
    body,
    token: null,
  } as const;
  const answer = await client.call(call).catch((error: unknown) => {
    const remedy = 'Check role and credential, and that the auth method is enabled under that mount.';
    throw refusedLogin(error, `the login at auth/${mount} was refused`, remedy);
  });
  const { auth } = parseAnswer(AuthSchema, answer.body, OPERATION);
  const leaseMs = auth.lease_duration === 0 ? Number.POSITIVE_INFINITY : auth.lease_duration * 1000;
  return { token: auth.client_token, leaseMs, renewable: auth.renewable, own: true };
}

async function lookUp(token: string, { client }: LoginPlace): Promise<Granted> {
  const call = { operation: OPERATION, method: 'GET', path: 'auth/token/lookup-self', token } as const;
  const answer = await client.call(call).catch((error: unknown) => {
    throw refusedLogin(error, 'the configured token is not good (any more)', 'Put a new token in its place.');
  });
  const { ttl, renewable } = parseAnswer(LookupSchema, answer.body, OPERATION).data;
  return { token, leaseMs: ttl === 0 ? Number.POSITIVE_INFINITY : ttl * 1000, renewable, own: false };
}

/**
 * A secret id that came wrapped: looked at first, because a wrapping token that was made for something else, or used by
 * somebody else, means that the delivery was tampered with.
 */
async function unwrapSecretId(wrapping: string, mount: string, place: LoginPlace): Promise<string> {
  const { client, context } = place;
  const remedy =
    'Treat it as an incident: find out who read the wrapped secret id, revoke it and issue a new one.';
  const alarm = (text: string) => {
    context.log.error('secrets.login.wrapping', { reason: text });
    return createFailure('LOGIN_REFUSED', { operation: OPERATION, text, remedy });
  };
  const spent = 'the wrapped secret id was unwrapped before, or has expired';
  const at = { operation: OPERATION, method: 'POST' } as const;
  const looked = await client
    .call({ ...at, path: 'sys/wrapping/lookup', body: { token: wrapping }, token: null })
    .catch((error: unknown) => {
      throw isAdapterError(error) && error.status === 400 ? alarm(spent) : error;
    });
  const { creation_path: made } = parseAnswer(WrappedSchema, looked.body, OPERATION).data;
  if (!made.startsWith(`auth/${mount}/role/`) || !made.endsWith('/secret-id'))
    throw alarm('the wrapping token was made for something else than a secret id');
  // The wrapping token is the client token here; in the body as well it would be spent twice, and the value lost.
  const unwrapped = await client
    .call({ ...at, path: 'sys/wrapping/unwrap', token: wrapping })
    .catch((error: unknown) => {
      throw isAdapterError(error) && error.status === 400 ? alarm(spent) : error;
    });
  return parseAnswer(SecretIdSchema, unwrapped.body, OPERATION).data.secret_id;
}

/** How to get a token by the configured method. What was unwrapped is kept for the next time. */
export function createLogin(login: Login, place: LoginPlace): () => Promise<Granted> {
  if ('token' in login) return async () => lookUp(await readSource(login.token, place), place);
  if ('kubernetes' in login) {
    const { role, tokenFile, mount } = login.kubernetes;
    return async () => logIn(mount, { role, jwt: await readSource({ file: tokenFile }, place) }, place);
  }
  if ('jwt' in login) {
    const { role, token, mount } = login.jwt;
    return async () => logIn(mount, { role, jwt: await readSource(token, place) }, place);
  }
  const { roleId, secretId, wrapped, mount } = login.appRole;
  let unwrapped: string | null = null;
  return async () => {
    const found = unwrapped ?? (await readSource(secretId, place));
    if (wrapped) unwrapped ??= await unwrapSecretId(found, mount, place);
    return logIn(mount, { role_id: roleId, secret_id: unwrapped ?? found }, place);
  };
}
