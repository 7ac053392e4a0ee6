import { readFileSync } from 'node:fs';

/** Of this package: its manifest lies above the sources and above what is built from them. */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const found =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest && manifest.version;
  return found === false ? '0.0.0' : String(found);
}
