import { hash } from 'node:crypto';
import type { Side } from '@tidelock/core';

/** Namespace of Tidelock's stamps (a version 4 UUID made once; changing it orphans every stamp in the field). */
const NAMESPACE = '5a1f3c52-9d1c-4c0e-9b6f-7f0c3a0de1a7';
const SPACE = Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex');

/** RFC 9562 version 5 UUID of a name in our namespace. Lower case. */
export function uuidV5(name: string): string {
  const hex = hash('sha1', Buffer.concat([SPACE, Buffer.from(name, 'utf8')]));
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * Idempotency stamp of a create: the same link, side and incarnation always give the same stamp, so a repeated create
 * is recognised by the store. The incarnation goes up when a deleted partner is created again.
 */
export function stampOf(of: {
  readonly laneId: string;
  readonly linkId: string;
  readonly side: Side;
  readonly inc: number;
}): string {
  return uuidV5(`${of.laneId}\n${of.linkId}\n${of.side}\n${of.inc}`);
}

/** A stable id for something that is about these parts. */
export function idOf(kind: string, ...parts: readonly string[]): string {
  return uuidV5([kind, ...parts].join('\n'));
}

/** A number in [0, 1) that these parts always give: spreads what would else happen at one moment. */
export function unit(kind: string, ...parts: readonly string[]): number {
  return Number.parseInt(idOf(kind, ...parts).slice(0, 8), 16) / 0x1_0000_0000;
}

/**
 * RFC 9562 version 7 UUID: the random one with the time in front, so that rows made together lie together on disk.
 * `wall`: milliseconds since the epoch.
 */
export function sortableId(wall: number, uuid: string): string {
  const time = Math.max(0, Math.floor(wall)).toString(16).padStart(12, '0').slice(-12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${uuid.slice(15)}`;
}
