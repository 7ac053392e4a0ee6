import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { toAdapterError } from './errors.ts';
import { checkOrigin, migrate } from './migrate.ts';

export const MEMORY = ':memory:';

/** One connection. Statements are prepared once; every error that leaves it is an `AdapterError` naming the file. */
export interface Database {
  readonly file: string;
  statement(sql: string): StatementSync;
  /** The same, whose rows are arrays in the order of the columns. */
  cells(sql: string): StatementSync;
  exec(sql: string): void;
  /** Maps errors. Outside a transaction each statement reads what is committed. */
  read<T>(operation: string, work: () => T): T;
  /** All or nothing; durable when it returns, or when the group that it is in does. Do not nest. */
  transaction<T>(operation: string, work: () => T): T;
  /**
   * Transactions of this work are committed together, which costs what one costs; each is still all or nothing by itself. Throws
   * when that commit failed: then none of them was kept, and nothing that was read meanwhile is to be believed.
   */
  group<T>(operation: string, work: () => T): T;
  /** Writes what stands in a large log into the database itself, so that no later transaction has to. */
  fold(operation: string): void;
  close(): void;
}

/** Creates the file itself, so that nobody but the owner can read it from its first byte on. */
export function createPrivateFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // Opening and closing a file that SQLite has open in this process would drop its POSIX locks: only ever create.
  if (!existsSync(file)) closeSync(openSync(file, 'wx', 0o600));
  else if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
}

function configure(raw: DatabaseSync, file: string): void {
  raw.exec('pragma busy_timeout = 5000');
  raw.exec('pragma foreign_keys = on');
  if (file !== MEMORY) {
    raw.exec('pragma journal_mode = wal');
    raw.exec('pragma journal_size_limit = 67108864');
  }
  // FULL: an intent that is lost after its write was sent would break the engine's safety.
  raw.exec('pragma synchronous = full');
  raw.exec('pragma temp_store = memory');
  raw.exec('pragma cache_size = -4096');
  raw.exec('pragma wal_autocheckpoint = 16000');
}

/** Opens, configures and migrates to the newest version. */
export function openDatabase(file: string): Database {
  let raw: DatabaseSync | undefined;
  try {
    if (file !== MEMORY) createPrivateFile(file);
    raw = new DatabaseSync(file);
    checkOrigin(raw, file);
    configure(raw, file);
    migrate(raw, { file });
    return wrap(raw, file);
  } catch (error) {
    raw?.close();
    throw toAdapterError(error, { operation: 'state.open', file });
  }
}

/** A log above this many bytes is folded when somebody asks for it; SQLite does it by itself at 64 MB. */
const LARGE_LOG = 2 ** 22;

function foldLog(raw: DatabaseSync, file: string): void {
  const size = file === MEMORY ? undefined : statSync(`${file}-wal`, { throwIfNoEntry: false })?.size;
  if (size !== undefined && size > LARGE_LOG) raw.exec('pragma wal_checkpoint(passive)');
}

function runInTransaction<T>(raw: DatabaseSync, work: () => T): T {
  raw.exec('begin immediate');
  try {
    const result = work();
    raw.exec('commit');
    return result;
  } catch (error) {
    // SQLite ends the transaction itself on some errors (disk full).
    if (raw.isTransaction) raw.exec('rollback');
    throw error;
  }
}

/** Transactions that end together. */
interface Group {
  run<T>(work: () => T): T;
  /** Commits what was done so far. Throws what the commit threw, or what has taken back the work of others. */
  commit(): void;
}

function createGroup(raw: DatabaseSync): Group {
  let begun = false;
  let broken: unknown;
  const begin = (): void => {
    if (broken !== undefined) throw broken;
    if (begun) return;
    raw.exec('begin immediate');
    begun = true;
  };
  return {
    run(work) {
      begin();
      raw.exec('savepoint one');
      try {
        const result = work();
        raw.exec('release one');
        return result;
      } catch (error) {
        // Where SQLite ended the transaction itself (disk full), what came before in this group is gone as well.
        if (raw.isTransaction) raw.exec('rollback to one; release one');
        else broken = error;
        throw error;
      }
    },
    commit() {
      if (broken !== undefined) throw broken;
      if (!begun) return;
      begun = false;
      try {
        raw.exec('commit');
      } catch (error) {
        broken = error;
        if (raw.isTransaction) raw.exec('rollback');
        throw error;
      }
    },
  };
}

/** Statements by their text, prepared once. */
function createStatements(raw: DatabaseSync, asArrays: boolean) {
  const prepared = new Map<string, StatementSync>();
  return {
    of(sql: string): StatementSync {
      const known = prepared.get(sql);
      if (known !== undefined) return known;
      const fresh = raw.prepare(sql);
      fresh.setReturnArrays(asArrays);
      prepared.set(sql, fresh);
      return fresh;
    },
    clear: () => prepared.clear(),
  };
}

function wrap(raw: DatabaseSync, file: string): Database {
  const statements = createStatements(raw, false);
  const flat = createStatements(raw, true);
  let open: Group | null = null;
  const guarded = <T>(operation: string, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw toAdapterError(error, { operation, file });
    }
  };
  return {
    file,
    statement: statements.of,
    cells: flat.of,
    exec: (sql) => raw.exec(sql),
    read: guarded,
    transaction: (operation, work) =>
      guarded(operation, () => (open === null ? runInTransaction(raw, work) : open.run(work))),
    group(operation, work) {
      const group = createGroup(raw);
      open = group;
      try {
        return work();
      } finally {
        open = null;
        guarded(operation, () => group.commit());
      }
    },
    fold: (operation) =>
      guarded(operation, () => {
        // A log is not folded in the middle of a transaction.
        open?.commit();
        foldLog(raw, file);
      }),
    close() {
      statements.clear();
      flat.clear();
      if (raw.isOpen) raw.close();
    },
  };
}
