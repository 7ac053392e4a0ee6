import { createHmac } from 'node:crypto';
import { GraphFailure } from './graph-error.ts';
import type { Mailbox } from './mailbox.ts';
import type { World } from './world.ts';

/** What a delta link remembers: the collection, the place in its change log, and the options of the first request. */
export interface DeltaState {
  collection: string;
  /** Next entry of the log. */
  position: number;
  /** End of this round; undefined between rounds. */
  end: number | undefined;
  /** The first round tells no removals. */
  initial: boolean;
  /** What the first request said and no later one repeats: `$select`, or the window of a calendar view. */
  options: string | undefined;
  generation: number;
  issuedAt: number;
}

type Packed = [string, number, number | null, 0 | 1, string | null, number, number, string];

const sealOf = (world: World, text: string): string =>
  createHmac('sha256', world.seal).update(text).digest('base64url').slice(0, 12);

/** Opaque, and different each time even for the same state. */
export function packToken(world: World, state: DeltaState): string {
  const packed: Packed = [
    state.collection,
    state.position,
    state.end ?? null,
    state.initial ? 1 : 0,
    state.options ?? null,
    state.generation,
    state.issuedAt,
    world.random.hex(8),
  ];
  const text = Buffer.from(JSON.stringify(packed)).toString('base64url');
  return `${sealOf(world, text)}${text}`;
}

/** Refuses garbage, truncated tokens and tokens of another collection. */
export function unpackToken(world: World, token: string, collection: string): DeltaState {
  const text = token.slice(12);
  if (text === '' || sealOf(world, text) !== token.slice(0, 12)) {
    throw new GraphFailure(400, 'ErrorInvalidUrlQuery', 'Badly formed token.');
  }
  const packed = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Packed;
  if (packed[0] !== collection) throw new GraphFailure(400, 'ErrorInvalidUrlQuery', 'Badly formed token.');
  return {
    collection,
    position: packed[1],
    end: packed[2] ?? undefined,
    initial: packed[3] === 1,
    options: packed[4] ?? undefined,
    generation: packed[5],
    issuedAt: packed[6],
  };
}

export const syncStateNotFound = (
  generation: number,
  mailbox: Mailbox,
  headers: Record<string, string>,
): GraphFailure =>
  new GraphFailure(410, 'SyncStateNotFound', {
    message: `The sync state generation is not found; generation=${generation};[highest=${mailbox.generation}].`,
    headers,
  });
