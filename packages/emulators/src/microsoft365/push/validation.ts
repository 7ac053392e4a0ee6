import { GraphFailure } from '../graph-error.ts';
import type { World } from '../world.ts';
import { postWithin } from './delivery.ts';
import { noteDelivery } from './push-world.ts';

const WITHIN_MS = 10_000;

const withToken = (url: string, token: string): string =>
  `${url}${url.includes('?') ? '&' : '?'}validationToken=${encodeURIComponent(token)}`;

async function isValid(world: World, url: string): Promise<boolean> {
  const { push, clock } = world;
  const token = `Validation: Testing client application reachability for subscription Request-Id: ${push.random.uuid()}`;
  const at = clock.now();
  const request = new Request(withToken(url, token), {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  });
  const answer = await postWithin(world, request, WITHIN_MS);
  const about = { at, url, kind: 'validation', items: [], attempt: 0 } as const;
  noteDelivery(push, { ...about, status: answer === 'failed' ? 'failed' : answer.status });
  if (answer === 'failed' || answer.status !== 200) return false;
  const type = answer.headers.get('content-type') ?? '';
  return /^text\/plain\b/i.test(type) && (await answer.text()) === token;
}

/** Calls each address, the same one twice where it stands for both. Throws the service's refusal. */
export async function requireValidated(world: World, urls: readonly (string | null)[]): Promise<void> {
  for (const url of urls) {
    if (url === null || (await isValid(world, url))) continue;
    throw new GraphFailure(
      400,
      'InvalidRequest',
      'Subscription validation request failed. Notification endpoint must respond with 200 OK to validation request.',
    );
  }
}
