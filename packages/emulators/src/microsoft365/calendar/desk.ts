import type { User, World } from '../world.ts';

/** Who writes, where and when. */
export interface Desk {
  readonly world: World;
  readonly user: User;
  readonly by: 'app' | 'user';
  readonly at: number;
  /** Set up as if it had been so for long: nobody is told. */
  readonly isHistory?: boolean;
}

export const addressOf = (user: User): { readonly name: string; readonly address: string } => ({
  name: user.displayName,
  address: user.mail ?? user.userPrincipalName,
});
