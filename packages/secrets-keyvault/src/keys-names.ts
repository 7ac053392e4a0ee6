import { requireSecretName } from '@tidelock/kit';

/** Our names in a vault: no folders, no underscores, not case-sensitive, at most 127 characters. */
export interface Names {
  /** Throws `invalid` for a name that no store keeps, or that the prefix makes too long. */
  toVault(name: string, operation: string): string;
  /** `null`: not ours. */
  fromVault(name: string): string | null;
}

export function createNames(prefix: string): Names {
  const head = `${prefix}--`;
  return {
    toVault(name, operation) {
      requireSecretName(name, operation);
      const joined = head + name.replaceAll('/', '--');
      requireLength(joined, name, operation);
      return joined;
    },
    fromVault: (name) => (name.startsWith(head) ? name.slice(head.length).replaceAll('--', '/') : null),
  };
}

/** Joining makes a name longer by one for each slash, and by the prefix. */
function requireLength(joined: string, name: string, operation: string): void {
  requireSecretName(name, operation, Math.max(0, joined.length - name.length));
}
