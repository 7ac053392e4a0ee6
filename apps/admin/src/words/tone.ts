/** How something is: well, worth a look, not well, good to know, or nothing in particular. */
export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'violet' | 'neutral';
