/** Exit codes are an interface: scripts branch on them. */
export const EXIT = {
  ok: 0,
  unexpected: 1,
  input: 2,
  blocked: 3,
  auth: 4,
  partial: 5,
  busy: 6,
  drift: 7,
  unavailable: 8,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_HELP = `Exit codes:
  0    done
  1    something unexpected
  2    bad input or configuration
  3    findings block: nothing could take part (see: tidelock doctor)
  4    sign-in or consent is missing
  5    partly done: something is parked, held, unsettled or failed
  6    busy: another process works here, or the data folder is locked
  7    a plan was carried out as far as it still held; the rest changed since
  8    a service or the database cannot be reached, asks to wait, or has no room: run it again later
  130  interrupted (Ctrl-C)`;
