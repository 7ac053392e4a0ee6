import { lunch } from './calendar-fixture.ts';

export const someone = (address: string, type = 'required') => ({
  type,
  emailAddress: { address, name: address },
});
export const BEN = 'ben@contoso.example';
export const OUTSIDE = 'pat@customer.example';
/** Ben has a mailbox in the same world, the other has not. */
export const meeting = { ...lunch, attendees: [someone(BEN), someone(OUTSIDE, 'optional')] };
