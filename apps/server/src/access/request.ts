import { type Access, AccessRefusal, type Caller, clientAddress } from '@tidelock/host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../problem.ts';

/** What every route here is made of. */
export interface Entrance {
  readonly access: Access;
  caller(request: FastifyRequest): Caller;
}

/** `trustedProxies`: how many proxies of the operator stand in front. */
export function callerOf(request: FastifyRequest, trustedProxies: number): Caller {
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };
  const { remoteAddress } = request.raw.socket;
  const address = clientAddress(remoteAddress, header('x-forwarded-for'), trustedProxies);
  return { method: request.method, address, header };
}

/** A refusal of those who guard the door, as this server says refusals. */
export async function asked<R>(work: () => Promise<R> | R): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AccessRefusal)) throw error;
    const { status, message, code, remedy, retryAfter } = error;
    throw new Refusal(status, message, { code, remedy, ...(retryAfter === undefined ? {} : { retryAfter }) });
  }
}

export function setCookies(reply: FastifyReply, lines: readonly string[]): FastifyReply {
  return reply.header('set-cookie', [...lines]);
}

export const instant = (at: number): string => new Date(at).toISOString();
export const instantOrNull = (at: number | null): string | null => (at === null ? null : instant(at));
