import type { Fields, LogData, Logger, StoreCapabilities } from '@tidelock/core';
import type { RecordStoreFixture } from '../record-store/fixture.ts';
import { createEventOracle } from './calendar.ts';
import { REFERENCE_CAPABILITIES } from './catalogue.ts';
import {
  changeRow,
  createServerState,
  endRow,
  insertRow,
  liveRows,
  type Row,
  type ServerState,
} from './server.ts';
import { createReferenceStore } from './store.ts';

export interface ReferenceFixture extends RecordStoreFixture {
  /** The server's inside, for mutants. */
  readonly server: ServerState;
  readonly log: Logger;
}

function rowOf(server: ServerState, id: string): Row {
  const row = server.rows.get(id);
  if (row === undefined) throw new Error('the reference server has no such record');
  return row;
}

function createOracle(server: ServerState): RecordStoreFixture['oracle'] {
  return {
    all: async () => liveRows(server).map(({ id, fields, stamp }) => ({ id, fields, stamp })),
    userCreate: async (fields: Fields) => insertRow(server, fields, { stamp: null, by: 'other' }).id,
    async userUpdate(id, patch) {
      if (patch.page !== undefined && server.blocks.has(id)) server.blocks.set(id, '');
      changeRow(server, rowOf(server, id), { patch, by: 'other' });
    },
    events: createEventOracle(server, (id) => rowOf(server, id)),
    userDelete: async (id) => void endRow(server, rowOf(server, id), { state: 'deleted' }),
    userMove: async (id) => void endRow(server, rowOf(server, id), { state: 'out' }),
    async userMerge(winner, loser) {
      endRow(server, rowOf(server, loser), { state: 'merged', into: winner });
      return null;
    },
  };
}

function createFaults(server: ServerState): RecordStoreFixture['faults'] {
  return {
    next: (kind, only) => {
      server.fault = { status: kind, only: only ?? null };
    },
    loseAnswer: (applied) => {
      server.lose = { applied };
    },
    expireCursor: () => {
      server.epoch += 1;
    },
    endlessPages: () => {
      server.loop = true;
    },
    dropBatchItem: () => {
      server.dropItem = true;
    },
    dropReadItem: () => {
      server.dropRead = true;
    },
    clear: () => {
      Object.assign(server, { fault: null, lose: null, loop: false, dropItem: false, dropRead: false });
    },
  };
}

/** A fresh reference server with the reference store in front of it. */
export function createReferenceFixture(
  capabilities: StoreCapabilities = REFERENCE_CAPABILITIES,
): ReferenceFixture {
  const server = createServerState();
  const lines: string[] = [];
  const write = (event: string, data?: LogData) => void lines.push(JSON.stringify({ event, ...data }));
  const log: Logger = { debug: write, info: write, warn: write, error: write };
  return {
    server,
    log,
    store: createReferenceStore({ server, capabilities, log }),
    oracle: createOracle(server),
    faults: createFaults(server),
    clock: {
      advance: (ms) => {
        server.now += ms;
      },
    },
    sample: {
      name: 'familyName',
      email: 'email',
      phone: 'phone',
      text: 'city',
      refused: { familyName: 'x'.repeat(81) },
    },
    requests: () => server.requests,
    leaks: { secrets: ['reference-credential'], logged: () => lines.join('\n') },
    dispose: () => {},
  };
}
