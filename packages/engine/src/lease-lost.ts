/** Another worker has, or may have, the lane. The pass ends without another call. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
  constructor() {
    super('the lease of this lane is lost');
  }
}
