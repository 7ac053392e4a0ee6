const ACTS: Readonly<Record<string, string>> = {
  pause: 'Paused',
  resume: 'Resumed',
  reset: 'Reset',
  undo: 'Undid',
  'mailbox.moved': 'Moved a mailbox',
  'mailbox.added': 'Took a mailbox in',
  'mailbox.removed': 'Took a mailbox out',
  'mailbox.matched': 'Decided whose mailbox it is',
  'profile.added': 'Added a profile',
  'profile.changed': 'Changed a profile',
  'profile.removed': 'Removed a profile',
  'review.decided': 'Answered a question',
  'connection.refused': 'Microsoft refused the connection',
  'connection.restored': 'Microsoft takes us again',
};

/** `key.created` -> `Key created`, where there are no better words. */
export function actText(act: string): string {
  const known = ACTS[act];
  if (known !== undefined) return known;
  const text = act.replaceAll(/[.-]/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

type Values = Readonly<Record<string, unknown>>;

const isValues = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string =>
  value === null || value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value);

const LONGEST = 160;

const clip = (long: string): string => (long.length > LONGEST ? `${long.slice(0, LONGEST - 1)}…` : long);

/** `profile: default → north`; only what differs. */
export function changeText(before: unknown, after: unknown): string {
  if (before === null && after === null) return '';
  if (isValues(before) && isValues(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    const parts = names
      .filter((name) => text(before[name]) !== text(after[name]))
      .map((name) => `${name}: ${text(before[name])} → ${text(after[name])}`);
    return clip(parts.join('; '));
  }
  const one = before === null ? after : after === null ? before : null;
  if (isValues(one)) {
    const parts = Object.entries(one).map(([name, value]) => `${name}: ${text(value)}`);
    return clip(parts.join('; '));
  }
  return clip(one === null ? `${text(before)} → ${text(after)}` : text(one));
}
