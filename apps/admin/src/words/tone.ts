/** How something is: well, worth a look, not well, good to know, or nothing in particular. */
export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'violet' | 'neutral';

/** Of a finding: `block`, `warn`, `info`. */
export const severityTone = (severity: string): Tone =>
  severity === 'block' ? 'bad' : severity === 'warn' ? 'warn' : 'info';
