const LEAST = 12;
const MOST = 256;

/** What keeps a password from being taken, or null. The server judges again. */
export function passwordProblem(password: string, name: string): string | null {
  if (password.length < LEAST) return `It needs at least ${LEAST} characters and has ${password.length}.`;
  if (password.length > MOST) return `It may have at most ${MOST} characters.`;
  if (new Set(password).size < 5) return 'It repeats the same few characters. Use more different ones.';
  if (name.length >= 3 && password.toLowerCase().includes(name.toLowerCase()))
    return 'It must not hold your name.';
  return null;
}
