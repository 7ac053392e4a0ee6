import type { Problem } from '@tidelock/core';

/** Something a person wrote keeps the server from starting. Named as everywhere, so that it is told as everywhere. */
export class StartError extends Error {
  override readonly name = 'InputError';
  readonly problems: readonly Problem[];

  /** `about`: path in the configuration, or an option. */
  constructor(about: string, of: { readonly reason: string; readonly remedy: string }) {
    super(`${about} ${of.reason}`);
    this.problems = [{ path: about, ...of }];
  }
}
