import type { Engine } from '@tidelock/engine';
import type { LaneInfo } from './lanes.ts';
import type { ActingPlatform } from './platform.ts';
import type { PlatformFinding } from './platform-finding.ts';

export interface PreparedEngine {
  readonly engine: Engine;
  readonly lanes: readonly LaneInfo[];
  /** What to call each lane, by its id. */
  readonly names: ReadonlyMap<string, string>;
  /** What keeps mailboxes off, or is good to know. */
  readonly findings: readonly PlatformFinding[];
  /** How many take part, and how many are kept off. */
  readonly open: number;
  readonly blocked: number;
}

/** The engine, ready to plan and to sync. `onNames` hears what the lanes are called before the stores are asked. */
export async function prepareEngine(
  platform: ActingPlatform,
  onNames?: (names: ReadonlyMap<string, string>) => void,
): Promise<PreparedEngine> {
  const engine = await platform.engine();
  const lanes = await platform.lanes();
  const names = new Map(lanes.map((lane) => [lane.id, lane.label]));
  onNames?.(names);
  const found = await engine.prepare();
  const off = new Set<string>();
  const own = found.flatMap(({ laneId, findings }) =>
    findings.map((finding): PlatformFinding => {
      if (finding.severity === 'block') off.add(laneId);
      return { ...finding, mailbox: names.get(laneId) ?? null };
    }),
  );
  const findings = [...platform.findings, ...own];
  const open = lanes.length - off.size;
  const roster = await platform.administration.roster();
  const named = roster.reduce(
    (sum, { profile }) =>
      sum + Number(profile.contacts.sync) + Number((profile.events?.mapping ?? null) !== null),
    0,
  );
  const isBlocked = findings.some(({ severity }) => severity === 'block');
  return { engine, lanes, names, findings, open, blocked: Math.max(named - open, isBlocked ? 1 : 0) };
}
