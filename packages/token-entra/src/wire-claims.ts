const PARAMETER = /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g;

/** True for a text that is a JSON object, the only thing that may be sent as `claims`. */
export function isClaimsObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/**
 * The decoded claims challenge of a resource's 401 (`WWW-Authenticate: Bearer ... error="insufficient_claims",
 * claims="<base64>"`), to be handed to `renewToken`. `null` for any other header.
 */
export function parseClaimsChallenge(header: string | null): string | null {
  const [, rest] = /^\s*Bearer\s+(.*)$/is.exec(header ?? '') ?? [];
  if (rest === undefined) return null;
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, plain] of rest.matchAll(PARAMETER)) {
    parameters.set(name.toLowerCase(), quoted ?? plain ?? '');
  }
  if (parameters.get('error') !== 'insufficient_claims') return null;
  const claims = parameters.get('claims');
  if (!claims) return null;
  const decoded = Buffer.from(claims, 'base64').toString('utf8');
  return isClaimsObject(decoded) ? decoded : null;
}
