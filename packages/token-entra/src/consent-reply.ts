import type { AdapterError } from '@tidelock/core';
import { createFailure } from './errors.ts';
import { adviceForNumber } from './errors-aadsts.ts';
import type { AdviceId } from './errors-remedies.ts';

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const WORD = /^[a-z_]{1,40}$/;

/** Words without a number, as the pages send them. Whatever else they say: nothing was granted. */
const BY_WORD: Readonly<Record<string, AdviceId>> = {
  server_error: 'support',
  temporarily_unavailable: 'wait',
  invalid_client: 'certificate-refused',
};

/** A refusal that a browser brought back. Its description can quote what was typed, so only the number is taken. */
export function toPageRefusal(error: string, description: string): AdapterError {
  const number = /\bAADSTS(\d{4,8})\b/.exec(description)?.[1];
  const known = number === undefined ? undefined : adviceForNumber(Number(number));
  const word = WORD.test(error) ? error : 'error';
  const code = number === undefined ? word : `AADSTS${number}`;
  const id = known ?? BY_WORD[word] ?? 'consent-declined';
  return createFailure(id, { code, message: `the directory's page refused: ${code}` }).error;
}

/** `admin_consent=True` stands on refusals too: `error` decides. */
export function readConsentReply(url: URL): { readonly tenant: string } {
  const { searchParams } = url;
  const error = searchParams.get('error');
  if (error !== null) throw toPageRefusal(error, searchParams.get('error_description') ?? '');
  const tenant = searchParams.get('tenant')?.toLowerCase() ?? '';
  if (searchParams.get('admin_consent')?.toLowerCase() === 'true' && GUID.test(tenant)) return { tenant };
  const message = 'the reply of the consent page names no tenant';
  throw createFailure('sign-in-invalid', { code: 'consent-reply', message }).error;
}
