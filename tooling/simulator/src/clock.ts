/** Time of a simulated world, in milliseconds. Only the runner moves it. */
export interface VirtualClock {
  /** True time; also every process's monotonic clock. */
  readonly now: number;
  /** The state's clock: what leases and hold-offs are measured by. It may jump. */
  wall(): number;
  advanceTo(at: number): void;
  jump(ms: number): void;
}

export const START = 1_800_000_000_000;

export function createVirtualClock(): VirtualClock {
  let now = START;
  let skew = 0;
  return {
    get now() {
      return now;
    },
    wall: () => now + skew,
    advanceTo(at) {
      if (at > now) now = at;
    },
    jump(ms) {
      skew += ms;
    },
  };
}
