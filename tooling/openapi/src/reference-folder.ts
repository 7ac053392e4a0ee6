import { fileURLToPath } from 'node:url';

/** Folder of the shared reference texts, beside the repository. */
export const SHARED = fileURLToPath(new URL('../../../../shared/', import.meta.url));
