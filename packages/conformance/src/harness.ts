/**
 * What a suite needs of a test framework. `describe` and `it` of vitest, node:test, jest and mocha fit as they are;
 * `skip` is `(name, reason) => it.skip(`${name} [skipped: ${reason}]`, () => {})`.
 */
export interface TestApi {
  describe(name: string, fn: () => void): void;
  /** The framework's own test context, where it has one, should be passed on: a skip at run time uses its `skip`. */
  it(name: string, fn: (context?: unknown) => Promise<void>): void;
  /** A case that does not apply. It stays visible and is counted; it is never silently left out. */
  skip(name: string, reason: string): void;
}

/** One clause of a contract. The id is stable for good: reports, waivers and mutant tables name it. */
export interface Case<F, C = unknown> {
  /** `record-store-012`. */
  readonly id: string;
  readonly title: string;
  /** Why the case does not apply to what the adapter declares, or null when it does. Absent = applies to all. */
  needs?(caps: C): string | null;
  run(fixture: F): Promise<void>;
}

/**
 * Thrown by a fixture that has no means for what a case asks (a real account cannot lose an answer on demand): the
 * case becomes a counted skip with this reason.
 */
export class CannotProvoke extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'CannotProvoke';
  }
}

/** Made anew for every case, disposed of after it, also when the case fails. */
export interface Disposable {
  dispose(): Promise<void> | void;
}

export type MakeFixture<F> = () => Promise<F> | F;

export interface RunOptions<F, C> {
  /** What the adapter declares, where it is known before a fixture exists: cases are then skipped at registration. */
  readonly caps?: C;
  /** Asks a fixture what its adapter declares: cases are then skipped at run time. */
  readonly probe?: (fixture: F) => Promise<C> | C;
  /** Deviations that the adapter's README explains: case id -> reason. Each becomes a counted skip. */
  readonly waivers?: Readonly<Record<string, string>>;
}

/** Runs one case on a fresh fixture. Returns why it does not apply, or null when it ran. */
export async function runCase<F extends Disposable, C>(
  item: Case<F, C>,
  makeFixture: MakeFixture<F>,
  probe?: (fixture: F) => Promise<C> | C,
): Promise<string | null> {
  const fixture = await makeFixture();
  try {
    const reason = item.needs && probe ? item.needs(await probe(fixture)) : null;
    if (reason === null) await item.run(fixture);
    return reason;
  } catch (error) {
    if (error instanceof CannotProvoke) return error.message;
    throw error;
  } finally {
    await fixture.dispose();
  }
}

/** vitest, node:test and mocha hand a context with `skip` to the test. */
export function skipAtRunTime(context: unknown, id: string, reason: string): void {
  const holder = context as { skip?: unknown } | null | undefined;
  if (typeof holder?.skip === 'function') {
    holder.skip(reason);
    return;
  }
  throw new Error(
    `${id} does not apply (${reason}), and no context that can skip was passed on: hand the test's context to "fn"`,
  );
}

export function assertWaivers(
  suiteName: string,
  cases: readonly { readonly id: string }[],
  waivers: Readonly<Record<string, string>>,
): void {
  for (const id of Object.keys(waivers)) {
    if (!cases.some((item) => item.id === id))
      throw new Error(`"${id}" is waived but is no case of ${suiteName}`);
  }
}

/**
 * Registers every case with a test framework. A waiver that names no case is an error: it outlived its reason.
 */
// biome-ignore lint/complexity/useMaxParams: framework, name, cases, fixture is the order of every suite function
export function runCases<F extends Disposable, C = unknown>(
  api: TestApi,
  suiteName: string,
  cases: readonly Case<F, C>[],
  makeFixture: MakeFixture<F>,
  options: RunOptions<F, C> = {},
): void {
  const waivers = options.waivers ?? {};
  assertWaivers(suiteName, cases, waivers);
  api.describe(suiteName, () => {
    for (const item of cases) {
      const name = `${item.id} ${item.title}`;
      const known = options.caps !== undefined;
      const reason = waivers[item.id] ?? (known ? item.needs?.(options.caps as C) : null) ?? null;
      if (reason !== null) {
        api.skip(name, reason);
        continue;
      }
      api.it(name, async (context) => {
        const late = await runCase(item, makeFixture, known ? undefined : options.probe);
        if (late !== null) skipAtRunTime(context, item.id, late);
      });
    }
  });
}
