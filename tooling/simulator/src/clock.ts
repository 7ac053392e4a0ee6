/** Time of a simulated world, in milliseconds. Only the runner moves it. */
export interface VirtualClock {
  /** True time; also every process's monotonic clock. */
  readonly now: number;
  /** The state's clock: what leases and hold-offs are measured by. It may jump. */
  wall(): number;
  /** When it last jumped forward: leases end early by that, and nobody who holds one can know. */
  readonly leaptAt: number;
  advanceTo(at: number): void;
  jump(ms: number): void;
}

export const START = 1_800_000_000_000;

export function createVirtualClock(): VirtualClock {
  let now = START;
  let skew = 0;
  let leaptAt = Number.NEGATIVE_INFINITY;
  return {
    get now() {
      return now;
    },
    wall: () => now + skew,
    get leaptAt() {
      return leaptAt;
    },
    advanceTo(at) {
      if (at > now) now = at;
    },
    jump(ms) {
      skew += ms;
      if (ms > 0) leaptAt = now;
    },
  };
}
