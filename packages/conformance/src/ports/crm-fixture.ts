import type { CrmPort, CrmScope, PushRequest } from '@tidelock/core';
import type { Disposable } from '../harness.ts';
import type { RecordFaults } from '../record-store/fixture.ts';

export interface CrmFixture extends Disposable {
  readonly port: CrmPort;
  readonly scope: CrmScope;
  /** Users of the emulator, each with an address of its own; at least two. */
  readonly users: readonly { readonly id: string; readonly email: string; readonly active: boolean }[];
  /** An address that two users have. Absent = the vendor forbids it. */
  readonly shared?: string;
  readonly faults: Pick<RecordFaults, 'next' | 'clear'>;
  requests(): number;
  /**
   * Where the port has `provision`: takes away what its automatic steps have made, as if the account were fresh.
   */
  unprepare?(): void;
  /** Where the port has `verifyPush`: a request as the service signs it now, about that record or another one. */
  push?(record?: string): PushRequest;
  /** Makes a record of `scope` as a user does; its id. Needed where pushes name records. */
  create?(): Promise<string>;
}

export interface CrmTraits {
  readonly hasShared: boolean;
  readonly findsUsers: boolean;
  readonly provisions: boolean;
  readonly takesPushes: boolean;
}
