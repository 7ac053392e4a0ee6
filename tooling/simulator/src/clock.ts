/** Time of a simulated world, in milliseconds. Only the runner moves it. */
export interface VirtualClock {
  /** True time; also every process's monotonic clock. */
  readonly now: number;
  /** The state's clock: what leases and hold-offs are measured by. It may jump. */
  wall(): number;
  /** The latest that the state's clock has ever shown: nobody has read a later time. */
  peak(): number;
  /** When it last jumped forward: leases end early by that, and nobody who holds one can know. */
  readonly leaptAt: number;
  /** By how much it has jumped forward so far, all jumps together. */
  readonly leapt: number;
  advanceTo(at: number): void;
  jump(ms: number): void;
}

export const START = 1_800_000_000_000;

/** A class, because it is asked several times for every effect: an object of accessors is looked up by name each time. */
class Clock implements VirtualClock {
  now = START;
  leaptAt = Number.NEGATIVE_INFINITY;
  leapt = 0;
  #skew = 0;
  #peak = START;

  wall(): number {
    return this.now + this.#skew;
  }

  advanceTo(at: number): void {
    if (at > this.now) this.now = at;
  }

  peak(): number {
    return Math.max(this.#peak, this.wall());
  }

  jump(ms: number): void {
    this.#peak = this.peak();
    this.#skew += ms;
    if (ms <= 0) return;
    this.leaptAt = this.now;
    this.leapt += ms;
  }
}

export const createVirtualClock = (): VirtualClock => new Clock();
