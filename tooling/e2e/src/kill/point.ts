/** Just before or just after the n-th effect of the engine in a process. */
export interface EffectPoint {
  readonly effect: number;
  readonly when: 'before' | 'after';
}

/** While a request is on its way that reaches the service when the process is dead. */
export interface HeldPoint {
  readonly held: 'POST' | 'PATCH' | 'DELETE';
  readonly side: 'a' | 'b';
  /** Does the request land before or after the process that is started next? */
  readonly lands: 'before' | 'after';
}

/** Where a run of the real program is killed, or paused. */
export type CrashPoint =
  | EffectPoint
  /** While its n-th write is under way: carried out there, its answer not yet here. */
  | { readonly write: number }
  | HeldPoint
  /** Killed; what comes next is a worker from another folder, once the lease has run out. */
  | { readonly other: EffectPoint }
  /** Stopped there, and woken when another worker has had its turn. `wait`: the lease runs out by the clock. */
  | { readonly pause: EffectPoint; readonly wait?: true }
  /** Two workers at once over two mailboxes; the first one dies. */
  | { readonly crew: EffectPoint };
