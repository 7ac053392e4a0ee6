import type { components } from './generated/api.d.ts';

/** What the server's own document says of its answers: whatever stands in for it here is held to that. */
export type Schemas = components['schemas'];
