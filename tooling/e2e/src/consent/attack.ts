import { type Actor, type ConsentWorld, type ConsentWorldOptions, type Outcome, refusalOn } from './world.ts';

/** One way to get hold of an organisation, or to make somebody else connect. */
export interface Attack {
  readonly id: string;
  readonly title: string;
  /** What a correct installation answers: which check refused. Nothing is connected then. */
  readonly expected: Outcome;
  readonly options?: Omit<ConsentWorldOptions, 'host'>;
  run(world: ConsentWorld): Promise<Outcome>;
}

/** An address as the directory's consent page would send the browser to. */
export const consentReply = (world: ConsentWorld, parameters: Readonly<Record<string, string>>): string => {
  const url = new URL(`${world.origin}/connect/return`);
  for (const [name, value] of Object.entries({ admin_consent: 'True', ...parameters }))
    url.searchParams.set(name, value);
  return url.href;
};

/** Refused on the spot, or where the attempt ended. */
export const endOf = (actor: Actor): Promise<Outcome> =>
  actor.browser.page.status >= 400 ? Promise.resolve(refusalOn(actor.browser)) : actor.outcome();

/** The state that the page at which the browser stands will send back. */
export const pendingState = ({ browser }: Actor): string => browser.page.url.searchParams.get('state') ?? '';

/** Lets the browser stand at the address that it would be sent back to, instead of following it. */
export function holdReturn(world: ConsentWorld, { browser }: Actor): void {
  browser.stopAt((url) => url.href.startsWith(`${world.origin}/connect/return`));
}
