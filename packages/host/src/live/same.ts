import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config.ts';

const groundOf = ({ adapters, dataDir, network, log }: Config) => ({
  ...{ secrets: adapters.secrets, state: adapters.state, dataDir, network, log },
});

const servicesOf = ({ adapters, crms }: Config) => ({
  ...{ token: adapters.token, mailbox: adapters.mailbox, crm: adapters.crm, crms },
});

/** What a change of the configuration touches: nothing that is open, the services, or what they stand on. */
export function reachOfChange(before: Config, after: Config): 'rules' | 'services' | 'foundation' {
  if (!isDeepStrictEqual(groundOf(before), groundOf(after))) return 'foundation';
  return isDeepStrictEqual(servicesOf(before), servicesOf(after)) ? 'rules' : 'services';
}
