import { createRequire } from 'node:module';

/**
 * MSAL in its CommonJS form. Its other form imports `http`, for a flow that is not ours, and for an import of that Node looks at everything
 * that the module has and loads its own HTTP client: 14 MB in each process that has a token (decision 0776).
 */
export const { ConfidentialClientApplication, LogLevel } = createRequire(import.meta.url)(
  '@azure/msal-node',
) as typeof import('@azure/msal-node');
