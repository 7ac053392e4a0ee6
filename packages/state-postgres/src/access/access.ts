import type { AccessStore } from '@tidelock/core';
import type { Database } from '../database.ts';
import { createAccounts } from './accounts.ts';
import { createCredentials } from './credentials.ts';
import { createTickets } from './tickets.ts';

export const createAccessStore = (db: Database): AccessStore => ({
  ...createAccounts(db),
  ...createCredentials(db),
  ...createTickets(db),
});
