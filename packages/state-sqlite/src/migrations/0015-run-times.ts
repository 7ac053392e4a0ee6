/** Runs that changed nothing are forgotten: a mailbox that is looked at all day has many. */
export const runTimes = `
create index run_time on run (started_at);
`;
