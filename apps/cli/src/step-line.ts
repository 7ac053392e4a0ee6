import type { Cli } from './cli.ts';

export interface StepLine {
  step(text: string): void;
  clear(): void;
}

/** One line that is written over, on a terminal; nothing anywhere else. */
export function createStepLine({ terminal, globals }: Cli): StepLine {
  const shown = terminal.errIsTty && !globals().quiet;
  return {
    step: (text) => {
      if (shown) terminal.err(`\r\x1b[2K${text.slice(0, terminal.columns - 1)}`);
    },
    clear: () => {
      if (shown) terminal.err('\r\x1b[2K');
    },
  };
}
