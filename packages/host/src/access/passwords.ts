import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';

/** OWASP's choice for interactive sign-in. In KiB, passes and lanes. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const TAG_BYTES = 32;
const SALT_BYTES = 16;
const FEWEST = 12;
/** More would be a way to keep this process busy. */
export const MOST_CHARACTERS = 256;
/** Each takes the memory above while it is computed. */
const AT_ONCE = 4;

const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '');
const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{22,86})\$([A-Za-z0-9+/]{43,86})$/;

interface Hashed {
  readonly cost: { readonly memory: number; readonly passes: number; readonly parallelism: number };
  readonly salt: Uint8Array;
  readonly tag: Uint8Array;
}

function parse(text: string): Hashed | null {
  const [, memory, passes, parallelism, salt = '', tag = ''] = PHC.exec(text) ?? [];
  if (memory === undefined) return null;
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}

const format = ({ cost, salt, tag }: Hashed): string =>
  `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${b64(salt)}$${b64(tag)}`;

const compute = (password: string, { cost, salt, tag }: Hashed): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const message = Buffer.from(password.normalize('NFC'), 'utf8');
    const of: Argon2Parameters = { ...cost, message, nonce: salt, tagLength: tag.length };
    argon2('argon2id', of, (error, found) => (error === null ? resolve(found) : reject(error)));
  });

function createGate(most: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}

export interface Passwords {
  /** PHC string, argon2id. */
  hash(password: string): Promise<string>;
  /** `stored` null: somebody who is not there; it takes as long as for somebody who is. */
  verify(password: string, stored: string | null): Promise<boolean>;
}

export function createPasswords(): Passwords {
  const gate = createGate(AT_ONCE);
  const fresh = (): Hashed => ({ cost: COST, salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) });
  const nobody = fresh();
  return {
    async hash(password) {
      const of = fresh();
      return format({ ...of, tag: await gate(() => compute(password, of)) });
    },
    async verify(password, stored) {
      const known = stored === null ? null : parse(stored);
      const of = known ?? nobody;
      const isSame = timingSafeEqual(await gate(() => compute(password, of)), of.tag);
      return known !== null && isSame;
    },
  };
}

/** Whether it is too easy to guess for somebody of that name. */
export function isWeak(password: string, name: string): boolean {
  const small = password.toLowerCase();
  const named = [name.toLowerCase(), 'tidelock'].some((word) => word.length >= 4 && small.includes(word));
  const length = [...password].length;
  return length < FEWEST || length > MOST_CHARACTERS || named || new Set(small).size < 5;
}
