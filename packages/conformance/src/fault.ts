import type { ConformanceFault } from '@tidelock/core';
import { type Case, type Disposable, type MakeFixture, runCase } from './harness.ts';

/** A mistake that authors of adapters make, as a wrapper around something that is right. */
export interface Fault<F, C, Port> {
  /** Completes "an adapter in which ...". */
  readonly name: string;
  /** Cases made for it; the first of them that applies and fails has noticed. */
  readonly noticedBy: readonly string[];
  /** Why it cannot be built into an adapter that declares this, or null. Absent = wherever one of its cases applies. */
  needs?(traits: C): string | null;
  breaks(port: Port, fixture: F): Partial<Port>;
}

export interface FaultSource<F extends Disposable, C, Port> {
  readonly faults: readonly Fault<F, C, Port>[];
  readonly cases: readonly Case<F, C>[];
  readonly makeFixture: MakeFixture<F>;
  readonly probe: (fixture: F) => Promise<C> | C;
  /** Where the fixture keeps what is to be broken, with methods that survive a spread. */
  readonly key: keyof F & string;
  readonly methodsOf: (fixture: F) => Port;
}

const failed = Symbol('failed');

function broken<F extends Disposable, C, Port>(
  fixture: F,
  fault: Fault<F, C, Port>,
  { key, methodsOf }: FaultSource<F, C, Port>,
): F {
  const port = methodsOf(fixture);
  return new Proxy(fixture, {
    get: (target, name, receiver) =>
      name === key ? { ...port, ...fault.breaks(port, fixture) } : Reflect.get(target, name, receiver),
  });
}

async function obstacle<F extends Disposable, C, Port>(
  fault: Fault<F, C, Port>,
  { makeFixture, probe }: FaultSource<F, C, Port>,
): Promise<string | null> {
  if (fault.needs === undefined) return null;
  const fixture = await makeFixture();
  try {
    return fault.needs(await probe(fixture));
  } finally {
    await fixture.dispose();
  }
}

async function runFault<F extends Disposable, C, Port>(
  fault: Fault<F, C, Port>,
  source: FaultSource<F, C, Port>,
): ReturnType<ConformanceFault['run']> {
  const impossible = await obstacle(fault, source);
  if (impossible !== null) return { skipped: impossible };
  const results: unknown[] = [];
  for (const item of source.cases.filter(({ id }) => fault.noticedBy.includes(id))) {
    const made = async () => broken(await source.makeFixture(), fault, source);
    // It fails, passes (null), or does not apply (the reason).
    const result = await runCase(item, made, source.probe).catch(() => failed);
    if (result === failed) return { noticedBy: item.id };
    results.push(result);
  }
  const reason = results.find((result) => typeof result === 'string');
  return results.includes(null) || typeof reason !== 'string' ? { noticedBy: null } : { skipped: reason };
}

/** Binds faults to a fixture. A fault whose cases all do not apply to the adapter cannot be built into it. */
export function createFaults<F extends Disposable, C, Port>(
  source: FaultSource<F, C, Port>,
): readonly ConformanceFault[] {
  return source.faults.map((fault) => ({ name: fault.name, run: () => runFault(fault, source) }));
}
