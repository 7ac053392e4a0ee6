/**
 * What can go wrong with a request.
 * `lost`: the connection drops, after (`applied`) or before the request took effect.
 * `delay`: milliseconds on the emulator's clock. `duplicate`: the request is executed twice, the second answer is sent.
 * `held`: takes effect once `until` settles, also when whoever sent it is gone by then.
 * `named`: behaviour of one emulator only; its meaning is documented there.
 */
export type Fault =
  | { kind: 'status'; status: number; body?: unknown; headers?: Record<string, string> }
  | { kind: 'lost'; applied: boolean }
  | { kind: 'delay'; ms: number }
  | { kind: 'held'; until: Promise<unknown> }
  | { kind: 'duplicate' }
  | { kind: 'named'; name: string; data?: unknown };

export type NamedFault = Extract<Fault, { kind: 'named' }>;

/** `path` is tested against the path with its query string. */
export interface FaultRule {
  match?: { method?: string; path?: RegExp };
  /** How many matching requests pass unharmed first. Default 0. */
  skip?: number;
  /** How many matching requests are hit. Default 1. */
  times?: number;
  fault: Fault;
}

export interface Faults {
  inject(rule: FaultRule): { remaining(): number; remove(): void };
  clear(): void;
  /** The fault for this (inner) request, consuming one hit; the earliest injected rule wins. Never a named one. */
  take(req: { method: string; path: string }): Fault | undefined;
  /** The named fault, consuming one hit. The rule's path is tested only when a path is given, its method never. */
  takeNamed(name: string, path?: string): NamedFault | undefined;
}

interface ActiveRule {
  rule: FaultRule;
  skip: number;
  left: number;
}

const matchesRequest = (rule: FaultRule, req: { method: string; path: string }): boolean => {
  const { method, path } = rule.match ?? {};
  if (method !== undefined && method.toUpperCase() !== req.method.toUpperCase()) return false;
  return path === undefined || req.path.search(path) >= 0;
};

export function createFaults(): Faults {
  let active: ActiveRule[] = [];

  const hit = (accepts: (rule: FaultRule) => boolean): Fault | undefined => {
    for (const entry of active) {
      if (!accepts(entry.rule)) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      entry.left -= 1;
      if (entry.left <= 0) active = active.filter((other) => other !== entry);
      return entry.rule.fault;
    }
    return undefined;
  };

  return {
    inject(rule) {
      const entry: ActiveRule = { rule, skip: rule.skip ?? 0, left: rule.times ?? 1 };
      if (entry.left > 0) active.push(entry);
      return {
        remaining: () => Math.max(0, active.includes(entry) ? entry.left : 0),
        remove: () => {
          active = active.filter((other) => other !== entry);
        },
      };
    },
    clear() {
      active = [];
    },
    take: (req) =>
      active.length === 0
        ? undefined
        : hit((rule) => rule.fault.kind !== 'named' && matchesRequest(rule, req)),
    takeNamed(name, path) {
      if (active.length === 0) return undefined;
      const fault = hit((rule) => {
        if (rule.fault.kind !== 'named' || rule.fault.name !== name) return false;
        return path === undefined || rule.match?.path === undefined || path.search(rule.match.path) >= 0;
      });
      return fault?.kind === 'named' ? fault : undefined;
    },
  };
}
