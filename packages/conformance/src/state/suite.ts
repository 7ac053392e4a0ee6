import { runCases, type TestApi } from '../harness.ts';
import { accessCases } from './access-cases.ts';
import { administrationCases } from './administration-cases.ts';
import { dueCases } from './due-cases.ts';
import { feedCases } from './feed-cases.ts';
import { openFixture, type StateCase, type StateSource } from './fixture.ts';
import { intentCases } from './intent-cases.ts';
import { journalCases } from './journal-cases.ts';
import { knownCases } from './known-cases.ts';
import { laneCases } from './lane-cases.ts';
import { linkCases } from './link-cases.ts';
import { markCases } from './mark-cases.ts';
import { modelCases } from './model-cases.ts';
import { pushCases } from './push-cases.ts';
import { suspectCases } from './suspect-cases.ts';
import { tenantCases } from './tenant-cases.ts';
import { ticketCases } from './ticket-cases.ts';

export const stateCases: readonly StateCase[] = [
  ...laneCases,
  ...dueCases,
  ...feedCases,
  ...linkCases,
  ...markCases,
  ...suspectCases,
  ...knownCases,
  ...intentCases,
  ...journalCases,
  ...tenantCases,
  ...administrationCases,
  ...pushCases,
  ...accessCases,
  ...ticketCases,
  ...modelCases,
];

/** Contract `state@1`. Every case gets a database of its own from `source.open`. */
export function testState(api: TestApi, name: string, source: StateSource): void {
  runCases(api, name, stateCases, () => openFixture(source), {
    probe: (fixture) => ({ keeps: fixture.reopen !== undefined, pushes: fixture.state.push !== undefined }),
  });
}
