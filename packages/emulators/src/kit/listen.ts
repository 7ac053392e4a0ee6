import { type Handler, type Served, serve } from './serve.ts';
import { createLoopbackTls } from './tls.ts';

export interface ListenOptions {
  readonly port?: number;
  /** Default true: TLS by a throw-away authority. */
  readonly tls?: boolean;
}

export interface ServedOverTls extends Served {
  /** Certificate of the authority to trust; absent without TLS. */
  readonly caPem?: string;
}

/** Serves on a loopback port of its own, over TLS unless it is told otherwise. */
export async function listen(answer: Handler, options: ListenOptions = {}): Promise<ServedOverTls> {
  const { port, tls = true } = options;
  const pair = tls ? await createLoopbackTls({ now: Date.now() }) : undefined;
  const served = await serve(answer, {
    ...(port === undefined ? {} : { port }),
    ...(pair === undefined ? {} : { tls: { keyPem: pair.keyPem, certPem: pair.certPem } }),
  });
  return pair === undefined ? served : { ...served, caPem: pair.caPem };
}
