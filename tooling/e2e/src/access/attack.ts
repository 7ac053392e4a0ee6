import type { Answer, Browser } from './browser.ts';
import { type AccessWorld, signInAs, type WorldOptions, whoIs } from './world.ts';

/** One way to come in, or to do something, that must not work. */
export interface Attack {
  readonly id: string;
  readonly title: string;
  /** How a correct installation answers. */
  readonly expected: string;
  readonly options?: Omit<WorldOptions, 'host' | 'server' | 'state'>;
  run(world: AccessWorld): Promise<string>;
}

/** `401 bad-token` */
export const said = ({ status, body }: Answer): string =>
  body === null || typeof body.code !== 'string' ? String(status) : `${status} ${body.code}`;

/** What was answered, and who is signed in in that browser afterwards. */
export const endOf = async (answer: Answer, browser: Browser): Promise<string> =>
  `${said(answer)}, ${await whoIs(browser)}`;

/** A browser in which somebody is signed in who has that role. */
export async function signedIn(world: AccessWorld, name: string): Promise<Browser> {
  const browser = world.browser();
  const answer = await signInAs(browser, name);
  if (answer.status !== 200) throw new Error(`${name} could not sign in: ${said(answer)}`);
  return browser;
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
