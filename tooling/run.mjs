// The one entry point of a fresh clone: `node tooling/run.mjs <command> [args]`.
// Plain JavaScript without dependencies, runs on Node >= 20: it installs what the lock file asks for, then hands
// over to the Node that the lock file pins.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => join(root, ...parts);
const marker = at('node_modules', '.tidelock-install');
const windows = process.platform === 'win32';

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(at('pnpm-lock.yaml')))
    .digest('hex');
}

function readOrEmpty(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** True when this checkout's node_modules was made from this pnpm-lock.yaml, by us or by a developer's own pnpm. */
function installed() {
  if (!pinnedNode()) return false;
  if (readOrEmpty(marker) === lockHash()) return true;
  return readOrEmpty(at('node_modules', '.pnpm', 'lock.yaml')) === readFileSync(at('pnpm-lock.yaml'), 'utf8');
}

function pinnedNode() {
  const names = windows ? ['node.exe', 'bin/node.exe'] : ['bin/node'];
  return names.map((name) => at('node_modules', 'node', name)).find((path) => existsSync(path));
}

function readPackageManager() {
  return JSON.parse(readFileSync(at('package.json'), 'utf8')).packageManager;
}

function install() {
  const packageManager = readPackageManager();
  console.error(`Installing dependencies with ${packageManager} (first run, or the lock file changed) ...`);
  const args = ['--yes', packageManager, 'install', '--frozen-lockfile'];
  // CI=true: pnpm must never stop to ask.
  const env = { ...process.env, CI: 'true' };
  const done = spawnSync('npx', args, {
    cwd: root,
    env,
    shell: windows,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (done.status !== 0) {
    console.error([done.stdout, done.stderr, done.error?.message].filter(Boolean).join('\n').trimEnd());
    stop(`The install failed: \`npx ${args.join(' ')}\` in ${root}. It needs the npm registry once.`);
  }
  if (!pinnedNode()) {
    stop(
      'The npm package `node` brought no binary. Allow install scripts (npm config ignore-scripts) and retry.',
    );
  }
  writeFileSync(marker, lockHash());
}

function stop(message) {
  console.error(message);
  process.exit(1);
}

function childEnv(extra) {
  return {
    ...process.env,
    PATH: `${at('node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}`,
    ...extra,
  };
}

/**
 * Runs the pinned Node on our sources and resolves to { code, signal }.
 * A terminal sends Ctrl-C to the whole process group, so it is forwarded only where no terminal did that.
 */
function runNode(args, { cwd = root, env = {} } = {}) {
  const options = { cwd, env: childEnv(env), stdio: 'inherit' };
  const child = spawn(pinnedNode(), ['--conditions=@tidelock/source', ...args], options);
  const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGQUIT']) {
    process.on(signal, () => terminal || child.kill(signal));
  }
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve) => {
    child.on('error', (error) => stop(`Cannot start ${pinnedNode()}: ${error.message}`));
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
}

function leave({ code, signal }) {
  process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
}

/** Where the user stood: `npm run` changes to the root and leaves the place in INIT_CWD. */
function userDirectory() {
  return process.env.npm_lifecycle_event ? (process.env.INIT_CWD ?? process.cwd()) : process.cwd();
}

/** A small nursery of the garbage collector; the benchmarks use the same (docs/benchmarks.md). */
const lean = JSON.parse(readFileSync(at('tooling', 'node-flags.json'), 'utf8'));

/**
 * What Node has compiled, for the next start: a second faster, and a fifth less resident, because then nobody loads the
 * parser of TypeScript.
 */
const compiled = {
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? at('node_modules', '.cache', 'node'),
};

/**
 * One arena for all threads (glibc; others do not know it): each thread of Node would else keep one of its own, mostly
 * free, and the state has a thread. Seventeen megabytes. And blocks from this size on are given back when they are free: glibc
 * keeps what is smaller than the largest that ever was, which is a page of records. Eleven more.
 */
const frugal = {
  ...compiled,
  MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? '1',
  MALLOC_MMAP_THRESHOLD_: process.env.MALLOC_MMAP_THRESHOLD_ ?? '131072',
};

function program(path, { leading = [], flags = [], env = compiled } = {}) {
  const run = (args) => runNode([...flags, at(...path), ...leading, ...args], { cwd: userDirectory(), env });
  return async (args) => leave(await run(args));
}

async function test(args) {
  const directory = mkdtempSync(join(tmpdir(), 'tidelock-test-'));
  const summary = join(directory, 'summary.json');
  const reporter = `--reporter=${at('tooling', 'vitest-reporter.ts')}`;
  const vitest = at('node_modules', 'vitest', 'vitest.mjs');
  // Many tests start the program in processes of their own.
  const env = { ...compiled, TIDELOCK_TEST_SUMMARY: summary };
  const end = await runNode([vitest, 'run', reporter, ...args], { env });
  const counts = existsSync(summary) ? JSON.parse(readFileSync(summary, 'utf8')) : undefined;
  rmSync(directory, { recursive: true, force: true });
  const { passed, failed, skipped } = counts ?? { passed: 0, failed: 1, skipped: 0 };
  if (!counts) console.log('The test run ended before it could report.');
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  leave(failed > 0 && end.code === 0 ? { code: 1 } : end);
}

/** Newest file below, in milliseconds since the epoch; 0 = there is none. */
function newestIn(directory) {
  if (!existsSync(directory)) return 0;
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  );
  return Math.max(0, ...files.map((one) => statSync(join(one.parentPath, one.name)).mtimeMs));
}

/** The administrators' page, built anew where its sources are newer. */
async function buildPage() {
  const page = at('apps', 'admin');
  if (!existsSync(page)) return;
  const built = join(page, 'dist', 'index.html');
  const sources = Math.max(newestIn(join(page, 'src')), statSync(join(page, 'index.html')).mtimeMs);
  if (existsSync(built) && statSync(built).mtimeMs > sources) return;
  console.error('Building the page for administrators ...');
  const vite = join(page, 'node_modules', 'vite', 'bin', 'vite.js');
  const { code } = await runNode([vite, 'build', '--logLevel', 'error'], { cwd: page });
  if (code !== 0) stop('The page could not be built; see above.');
}

/** What `bench` measures is what is published: built, where its sources are newer. */
async function buildMeasured() {
  const tsc = at('node_modules', 'typescript', 'bin', 'tsc');
  // What the compiler remembers of an earlier build does not say whether its files are still there.
  const isThere = [at('tooling', 'bench', 'dist'), at('packages', 'host', 'dist')].every(existsSync);
  if (!isThere) console.error('Building what is measured ...');
  const { code } = await runNode([tsc, '-b', at('tooling', 'bench'), ...(isThere ? [] : ['--force'])]);
  if (code !== 0) stop('The packages could not be built; see above.');
}

async function bench(args) {
  if (!args.includes('--help')) await buildMeasured();
  await program(['tooling', 'bench', 'src', 'main.ts'], { env: frugal })(args);
}

const isServing = (args) => !['--once', '--json', '--help', '-h'].some((flag) => args.includes(flag));

async function demo(args) {
  if (isServing(args)) await buildPage();
  const run = program(['apps', 'cli', 'src', 'main.ts'], { leading: ['demo'], flags: lean, env: frugal });
  await run(args);
}

async function tidelock(args) {
  if (args.includes('serve') && isServing(args)) await buildPage();
  await program(['apps', 'cli', 'src', 'main.ts'], { flags: lean, env: frugal })(args);
}

/** A new package of the workspace: written, formatted, known to the lock file. */
async function createAdapter(args) {
  const made = await runNode([at('packages', 'create-adapter', 'src', 'main.ts'), '--workspace', ...args]);
  if (made.code !== 0 || args.includes('--help') || args.includes('-h')) leave(made);
  const steps = [
    [
      at('node_modules', '.bin', windows ? 'biome.cmd' : 'biome'),
      ['check', '--write', '--log-level=error', 'packages'],
    ],
    ['npx', ['--yes', readPackageManager(), 'install', '--no-frozen-lockfile', '--reporter=silent']],
  ];
  for (const [command, of] of steps) {
    const done = spawnSync(command, of, {
      cwd: root,
      env: childEnv({ CI: 'true' }),
      shell: windows,
      stdio: 'inherit',
    });
    if (done.status !== 0) stop(`${command} ${of.join(' ')} failed in ${root}: run it again by hand.`);
  }
}

const commands = {
  demo,
  tidelock,
  test,
  check: program(['tooling', 'checks', 'src', 'check.ts']),
  pack: program(['tooling', 'checks', 'src', 'pack.ts']),
  bench,
  kill: program(['tooling', 'e2e', 'src', 'main.ts']),
  'create-adapter': createAdapter,
  fuzz: program(['tooling', 'e2e', 'src', 'fuzz', 'main.ts'], { env: frugal }),
  hunt: program(['tooling', 'e2e', 'src', 'hunt.ts']),
  series: program(['tooling', 'series', 'src', 'main.ts']),
  sim: program(['tooling', 'simulator', 'src', 'main.ts']),
};

const [name, ...args] = process.argv.slice(2);
if (!Object.hasOwn(commands, name ?? '')) {
  stop(`Usage: node tooling/run.mjs <${Object.keys(commands).join('|')}> [arguments]`);
}
if (!installed()) install();
await commands[name](args);
