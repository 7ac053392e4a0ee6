import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A place among the processes that work over one data folder at once. */
export interface Seat {
  /** 1 for the first; the lowest that is free. */
  readonly number: number;
  release(): Promise<void>;
}

/** More processes than that over one folder of one machine are somebody else's sockets. */
const SEATS = 64;

/** Of a socket that goes with its process, however that dies. Only where there is no such thing it is a file that stays. */
function addressOf(folder: string, number: number): { readonly path: string; readonly stays: boolean } {
  const key = createHash('sha256').update(folder).digest('hex').slice(0, 24);
  const name = `tidelock-${key}-${number}`;
  if (process.platform === 'linux') return { path: `\0${name}`, stays: false };
  if (process.platform === 'win32') return { path: `\\\\.\\pipe\\${name}`, stays: false };
  return { path: join(tmpdir(), `${name}.sock`), stays: true };
}

/** The server, or why there is none. Nobody has anything to say to it. */
function listen(path: string): Promise<Server | string> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.name));
    server.listen({ path }, () => resolve(server.unref()));
  });
}

const isAnswered = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ path });
    const end = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });

async function sit({ path, stays }: ReturnType<typeof addressOf>): Promise<Server | string> {
  const first = await listen(path);
  if (first !== 'EADDRINUSE' || !stays || (await isAnswered(path))) return first;
  await rm(path, { force: true });
  return listen(path);
}

/**
 * Processes over one folder, each with a name of its own in leases: side by side they must not take one another's mailboxes,
 * and whoever starts after one that died sits where it sat and goes on at once with what it left. Where a machine has no such
 * sockets, everybody sits in the first place, as one process at a time does.
 */
export async function takeSeat(folder: string): Promise<Seat> {
  for (let number = 1; number <= SEATS; number += 1) {
    const server = await sit(addressOf(folder, number));
    if (server === 'EADDRINUSE') continue;
    if (typeof server === 'string') break;
    return { number, release: () => new Promise((resolve) => server.close(() => resolve())) };
  }
  return { number: 1, release: async () => undefined };
}
