import { canonicalZone } from '@tidelock/core';
import { findIana, findWindows } from 'windows-iana';

/** Names that Outlook itself writes for UTC. */
const UTC_NAMES = new Set(['utc', 'tzone://microsoft/utc', 'etc/utc', 'etc/gmt', 'gmt']);
const WINDOWS_UTC = 'UTC';

const known = new Map<string, string | null>();

function resolve(name: string): string | null {
  if (UTC_NAMES.has(name.toLowerCase())) return 'UTC';
  const [iana] = findIana(name);
  return canonicalZone(iana ?? name);
}

/**
 * The IANA zone that a Windows or IANA name stands for, by the table of CLDR; null for a name that nothing stands behind
 * (`tzone://Microsoft/Custom`, a zone of somebody's own making).
 */
export function fromZoneName(name: string | null | undefined): string | null {
  if (name === undefined || name === null || name === '') return null;
  let zone = known.get(name);
  if (zone === undefined) {
    zone = resolve(name);
    known.set(name, zone);
  }
  return zone;
}

/** The name under which every mailbox knows an IANA zone: that of Windows, where there is one. */
export function toZoneName(zone: string): string {
  if (zone === 'UTC') return WINDOWS_UTC;
  const [windows] = findWindows(zone);
  return windows ?? zone;
}
