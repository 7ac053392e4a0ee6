/** One thing that is wrong, in the server's words. */
export interface Problem {
  readonly path: string;
  readonly reason: string;
  readonly remedy: string;
}

/** A refusal of the server (RFC 9457), with what to do about it. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly code: string | null;
  readonly remedy: string | null;
  readonly problems: readonly Problem[];

  constructor(status: number, document: ProblemDocument) {
    super(document.detail ?? document.title ?? `The server answered ${status}.`);
    this.status = status;
    this.code = document.code ?? null;
    this.remedy = document.remedy ?? null;
    this.problems = document.problems ?? [];
  }
}

/** Nobody answered, or what answered is not the server. */
export class Unreached extends Error {
  override readonly name = 'Unreached';
}

export interface ProblemDocument {
  readonly title?: string;
  readonly detail?: string;
  readonly remedy?: string;
  readonly code?: string;
  readonly problems?: readonly Problem[];
}

export interface FailureWords {
  readonly title: string;
  readonly problems: readonly Problem[];
  readonly remedy: string | null;
}

/** A failure for people: what, why, and what to do. Every failure gets a remedy. */
export function sayFailure(error: unknown): FailureWords {
  if (error instanceof Refused) {
    const { problems } = error;
    const remedy = error.remedy ?? (problems.length > 0 ? null : remedyOf(error.status));
    return { title: error.message, problems, remedy };
  }
  if (error instanceof Unreached) {
    return {
      title: 'The server does not answer.',
      problems: [],
      remedy:
        'Check that tidelock serve runs and that your connection works. This page tries again by itself.',
    };
  }
  return {
    title: 'This page met something it did not expect.',
    problems: [],
    remedy: 'Load it again. If that does not help, the command line does the same: tidelock status.',
  };
}

function remedyOf(status: number): string {
  if (status === 429) return 'Wait a minute, then try again.';
  if (status === 403) return 'Ask somebody with the role setup to do it, or to give you the role.';
  if (status === 404) return 'It may be gone. Go back to the list.';
  if (status === 409) return 'Something else works there now. Try again in a moment.';
  return 'Try again. If it stays, look at Health, or run tidelock doctor.';
}

/** Trying again by itself may help: nobody answered, or it was too busy. */
export const isPassing = (error: unknown): boolean =>
  error instanceof Unreached || (error instanceof Refused && (error.status === 503 || error.status === 429));
