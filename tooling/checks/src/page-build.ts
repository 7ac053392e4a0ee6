import { join } from 'node:path';
import { type Outcome, run } from './command.ts';
import { repository } from './steps.ts';

const page = join(repository, 'apps/admin');

/** The page as the server serves it, into `apps/admin/dist`. */
export function buildPage(): Promise<Outcome> {
  const program = join(page, 'node_modules/.bin/vite');
  return run({ program, args: ['build', '--logLevel=warn'], cwd: page, env: { NODE_ENV: 'production' } });
}
