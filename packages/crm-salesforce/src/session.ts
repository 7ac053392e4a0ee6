import { AdapterError, type Clock, type Fetch, type Secrets } from '@tidelock/core';
import { createHttp, createSingleFlight, errorFromResponse, type HttpResponse } from '@tidelock/kit';
import { isSalesforceHost, type SalesforceOptions, toTokenOrigin } from './config.ts';
import { toRequestId } from './errors.ts';
import { createAssertion } from './session-assertion.ts';
import { parseReply, TokenErrorSchema, TokenReplySchema, toId18 } from './wire.ts';

/** One access token. Kept in memory only; there is no expiry in the reply, a 401 tells. */
export interface Session {
  readonly token: string;
  /** Origin of the API. */
  readonly origin: string;
  /** The user that every write is made by. */
  readonly userId: string;
}

export interface Sessions {
  /** The present session, or a new one. Callers at the same time share one sign-in. */
  current(): Promise<Session>;
  /** A session other than `refused`. */
  renew(refused: Session): Promise<Session>;
  forget(): void;
}

export interface SessionContext {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly secrets: Secrets;
}

const OPERATION = 'session.open';
const TIMEOUT_MS = 30_000;

/** Errors of the token endpoint: by description first, then by error. Descriptions are fixed texts of the vendor. */
const REMEDIES: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [
    /hasn't approved this consumer|not admin approved/,
    'Pre-authorise the integration user: app policy "Admin approved users are pre-authorized", and the permission ' +
      'set that carries the app.',
  ],
  [
    /audience is invalid/,
    'Set "loginUrl" to https://login.salesforce.com, or https://test.salesforce.com for a sandbox.',
  ],
  [
    /invalid assertion/,
    'Upload the certificate of "auth.key" to the app, and compare the clock of this machine.',
  ],
  [
    /inactive user|user is locked|authentication failure/,
    'Unlock or activate the integration user in Setup > Users.',
  ],
  [/client identifier invalid/, 'Copy the consumer key from the app again.'],
  [/invalid client credentials/, 'Copy the consumer secret from the app again.'],
  [
    /grant type not supported|not supported on this domain/,
    'Enable this flow on the app; client credentials need the My Domain URL.',
  ],
];

function toSignInError(response: HttpResponse, now: number): AdapterError {
  const body = TokenErrorSchema.safeParse(parseJson(response.text));
  const requestId = toRequestId(response.headers);
  if (!body.success) return errorFromResponse(response, { operation: OPERATION, requestId, now });
  const code = /^[a-z_]{1,60}$/.test(body.data.error) ? body.data.error : undefined;
  const remedy = REMEDIES.find(([pattern]) => pattern.test(body.data.error_description))?.[1];
  return errorFromResponse(response, {
    operation: OPERATION,
    code,
    kind: response.status < 429 ? 'auth' : undefined,
    remedy:
      remedy ??
      'Check the app, its policies and the integration user: Setup > Login History names the reason.',
    requestId,
    now,
  });
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toSession(response: HttpResponse, options: SalesforceOptions): Session {
  const reply = parseReply(TokenReplySchema, parseJson(response.text), OPERATION);
  const instance = new URL(reply.instance_url);
  if (!options.endpoint && (instance.protocol !== 'https:' || !isSalesforceHost(instance.host))) {
    throw new AdapterError('protocol', `${OPERATION}: the reply names an API host that is not Salesforce's`, {
      operation: OPERATION,
      code: 'instance-host',
    });
  }
  const userId = toId18(/\/id\/00D\w{12,15}\/(005\w{12,15})$/.exec(reply.id)?.[1] ?? '');
  if (userId === null) {
    throw new AdapterError('protocol', `${OPERATION}: the reply names no user`, {
      operation: OPERATION,
      code: 'no-user',
    });
  }
  return { token: reply.access_token, origin: instance.origin, userId };
}

async function toForm(options: SalesforceOptions, context: SessionContext): Promise<Record<string, string>> {
  const { auth } = options;
  if (auth.flow === 'client-credentials') {
    return {
      grant_type: 'client_credentials',
      client_id: auth.clientId,
      client_secret: auth.clientSecret,
    };
  }
  const signer = await context.secrets.keys.signer(auth.key);
  const assertion = await createAssertion(signer, {
    consumerKey: auth.consumerKey,
    username: auth.username,
    audience: options.loginUrl,
    now: context.clock.now(),
  });
  return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion };
}

export function createSessions(options: SalesforceOptions, context: SessionContext): Sessions {
  const origin = toTokenOrigin(options);
  const { fetch, clock } = context;
  const http = createHttp({ fetch, clock, timeoutMs: TIMEOUT_MS, allowHosts: [new URL(origin).host] });
  const flights = createSingleFlight<'open', Session>();
  let present: Session | null = null;

  const open = async (): Promise<Session> => {
    const form = await toForm(options, context);
    const response = await http.send({
      operation: OPERATION,
      method: 'POST',
      url: `${origin}/services/oauth2/token`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams(form).toString(),
    });
    if (response.status !== 200) throw toSignInError(response, clock.now());
    present = toSession(response, options);
    return present;
  };

  return {
    current: () => (present ? Promise.resolve(present) : flights.run('open', open)),
    renew(refused) {
      if (present && present !== refused) return Promise.resolve(present);
      present = null;
      return flights.run('open', open);
    },
    forget() {
      present = null;
    },
  };
}
