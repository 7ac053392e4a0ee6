import {
  AdapterError,
  type DataKeyRow,
  isAdapterError,
  type KeyWrapper,
  type Secrets,
  type TenantStore,
} from '@tidelock/core';
import { contextOf, openDataKey, requireWrapper } from './data-keys.ts';
import { fromWraps, toWraps } from './wraps.ts';

export interface RewrapReport {
  /** Data keys looked at. */
  readonly keys: number;
  /** Of them, those that are wrapped anew now. */
  readonly rewrapped: number;
}

export interface RewrapParts {
  readonly tenants: TenantStore;
  readonly secrets: Secrets;
  /** Ids of tenants that have data keys. */
  readonly of: readonly string[];
  onProgress?(done: number, all: number): void;
}

/** How often a row is read again that somebody else changed in between. */
const LOOKS = 5;

async function wrapAnew(wrapper: KeyWrapper, row: DataKeyRow): Promise<Uint8Array> {
  const { wrapped, bytes } = await openDataKey(wrapper, row);
  try {
    const anew = wrapper.rewrap ?? (() => wrapper.wrap(bytes, contextOf(row)));
    return await anew.call(wrapper, wrapped, contextOf(row));
  } finally {
    bytes.fill(0);
  }
}

type Change = (row: DataKeyRow) => Promise<Uint8Array>;

const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Changes the wrapped form of one row, however often somebody else does the same. */
async function changeRow(tenants: TenantStore, row: DataKeyRow, change: Change): Promise<boolean> {
  let present: DataKeyRow | undefined = row;
  for (let look = 1; present !== undefined; look += 1) {
    const to = await change(present);
    if (equal(to, present.wrapped)) return false;
    if (await tenants.rewrapDataKey(present.id, { from: present.wrapped, to })) return true;
    if (look >= LOOKS)
      throw new AdapterError('conflict', 'A data key is being wrapped by somebody else.', {
        operation: 'seal.rewrap',
        remedy: 'Let the other process end, then repeat.',
      });
    present = (await tenants.dataKeys(row.tenantId)).find(({ id }) => id === row.id);
  }
  return false;
}

async function changeAll({ tenants, of, onProgress }: RewrapParts, change: Change): Promise<RewrapReport> {
  const rows = (await Promise.all(of.map((id) => tenants.dataKeys(id)))).flat();
  let [rewrapped, done] = [0, 0];
  for (const row of rows) {
    if (await changeRow(tenants, row, change)) rewrapped += 1;
    onProgress?.(++done, rows.length);
  }
  return { keys: rows.length, rewrapped };
}

/**
 * Wraps every data key with the newest wrapping key of the store, after making one if `rotate` says so, and drops what other
 * stores wrapped. No field is touched, and whoever reads or seals meanwhile notices nothing. Safe to repeat and to break off.
 */
export async function rewrapDataKeys(
  parts: RewrapParts,
  { rotate }: { rotate: boolean },
): Promise<RewrapReport> {
  const wrapper = requireWrapper(parts.secrets);
  if (rotate) await rotateKey(wrapper);
  return changeAll(parts, (row) => wrapAnew(wrapper, row));
}

async function rotateKey(wrapper: KeyWrapper): Promise<void> {
  if (wrapper.rotate) return wrapper.rotate();
  throw new AdapterError('unsupported', 'The secret store makes no new wrapping key from here.', {
    operation: 'seal.rotate',
    remedy: 'Make one where the store is administered, then wrap anew without --rotate.',
  });
}

/**
 * Adds to every data key a form that `to` opens. The one that the present store opens stays: both work until
 * `rewrapDataKeys` drops it. Safe to repeat and to break off at any place.
 */
export async function addWraps(parts: RewrapParts, to: Secrets): Promise<RewrapReport> {
  const [here, there] = [requireWrapper(parts.secrets), requireWrapper(to)];
  return changeAll(parts, async (row) => {
    if (await opens(there, row)) return row.wrapped;
    const { bytes } = await openDataKey(here, row);
    const added = await there.wrap(bytes, contextOf(row));
    bytes.fill(0);
    return fromWraps([...toWraps(row.wrapped), added]);
  });
}

async function opens(wrapper: KeyWrapper, row: DataKeyRow): Promise<boolean> {
  try {
    (await openDataKey(wrapper, row)).bytes.fill(0);
    return true;
  } catch (error) {
    if (isAdapterError(error) && error.kind === 'invalid') return false;
    throw error;
  }
}
