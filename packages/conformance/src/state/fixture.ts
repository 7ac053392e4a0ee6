import type { StatePort } from '@tidelock/core';
import type { Case, Disposable } from '../harness.ts';

export interface OpenState {
  /** An empty database. */
  readonly state: StatePort;
  /** Closes `state` and opens the same database again. Absent = it keeps nothing. */
  reopen?(): Promise<StatePort>;
  close(): Promise<void>;
}

export interface StateSource {
  open(): Promise<OpenState>;
}

export type StateFixture = OpenState & Disposable;

export interface StateTraits {
  readonly keeps: boolean;
  readonly pushes: boolean;
}

export type StateCase = Case<StateFixture, StateTraits>;

export async function openFixture(source: StateSource): Promise<StateFixture> {
  const opened = await source.open();
  const { reopen } = opened;
  return {
    state: opened.state,
    ...(reopen === undefined ? {} : { reopen: () => reopen.call(opened) }),
    close: () => opened.close(),
    dispose: () => opened.close(),
  };
}
