import { styleText } from 'node:util';

/** What a command writes to and reads from. Programs read `out`; everything else goes to `err`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly outIsTty: boolean;
  readonly errIsTty: boolean;
  readonly columns: number;
  /** Everything on standard input, for values that belong in no shell history. */
  readInput(): Promise<string>;
  /** Asks a person; null when there is none. `hidden`: what is typed does not show. */
  ask: ((question: string, hidden?: boolean) => Promise<string>) | null;
}

type Format = Parameters<typeof styleText>[0];

export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
}

export function createStyle(colour: boolean): Style {
  const paint = (format: Format) => (text: string) =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  return {
    bold: paint('bold'),
    dim: paint('dim'),
    good: paint('green'),
    warn: paint('yellow'),
    bad: paint('red'),
  };
}
