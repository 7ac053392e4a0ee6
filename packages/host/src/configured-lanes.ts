import { isAdapterError, type LaneRow, type SyncState } from '@tidelock/core';
import type { Config } from './config.ts';
import { type Lanes, laneIdOf, MAILBOX } from './lanes.ts';

const isOf = (config: Config, row: LaneRow): boolean =>
  row.storeA.startsWith(MAILBOX) && laneIdOf(config, row.storeA.slice(MAILBOX.length)) === row.id;

/**
 * What the state store remembers of the mailboxes that the configuration names, and of no other. Makes no request
 * unless an address is not known by that name; then the directory is asked, and an error of it leaves the address out.
 */
export async function configuredLanes(
  config: Config,
  of: { readonly state: SyncState; readonly lanes: Lanes },
): Promise<readonly LaneRow[]> {
  const rows = await of.state.lanes();
  const addresses = new Set(config.mailboxes.map(({ address }) => address.toLowerCase()));
  const known = rows.filter((row) => isOf(config, row) && addresses.has(row.label.toLowerCase()));
  if (known.length >= addresses.size || rows.length <= known.length) return known;
  try {
    const ids = new Set((await of.lanes.resolve()).map(({ info }) => info.id));
    return rows.filter((row) => known.includes(row) || ids.has(row.id));
  } catch (error) {
    if (!isAdapterError(error)) throw error;
    return known;
  }
}
