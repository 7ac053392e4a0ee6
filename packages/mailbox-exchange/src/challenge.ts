const PARAMETER = /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g;

const isJsonObject = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

/**
 * The claims that a 401 asks for (`WWW-Authenticate: Bearer error="insufficient_claims", claims="<base64>"`),
 * decoded; undefined for any other header.
 */
export function readClaimsChallenge(header: string | null): string | undefined {
  const found = new Map<string, string>();
  for (const [, name = '', quoted, plain] of (header ?? '').matchAll(PARAMETER)) {
    found.set(name.toLowerCase(), quoted ?? plain ?? '');
  }
  const claims = found.get('claims');
  if (found.get('error') !== 'insufficient_claims' || !claims) return undefined;
  const text = Buffer.from(claims, 'base64').toString('utf8');
  return isJsonObject(text) ? text : undefined;
}
