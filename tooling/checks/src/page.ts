import type { Package } from './finding.ts';

/**
 * A page of static files: it is read by browsers and imported by nobody, so it offers no entry and ships nothing but what was
 * built. What it is built of stands inside of that, and is no dependency of who installs it.
 */
export const isPage = ({ group, manifest }: Package): boolean =>
  group === 'apps' && Object.keys(manifest.exports ?? {}).join() === './package.json';
