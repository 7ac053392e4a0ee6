import type { AdviceId } from './errors-remedies.ts';

/**
 * AADSTS numbers of the token endpoint and the consent pages, by what can be done about them. Statuses and `error`
 * words vary between replies for one number, so the number decides first.
 */
const NUMBERS = {
  'certificate-unregistered': [700027],
  'certificate-expired': [7000274, 1000502],
  'certificate-revoked': [7000214, 7000277],
  'certificate-refused': [50012, 700030],
  clock: [700024],
  'consent-missing': [65001, 650056, 650054],
  'principal-missing': [700016, 700011, 7000229],
  'principal-disabled': [7000112, 70001],
  blocked: [1000031],
  resource: [500011, 50001],
  'not-provisioned': [650052],
  'tenant-not-found': [90002],
  'wrong-cloud': [90038, 900382, 900432],
  'tenant-inactive': [5000225],
  'conditional-access': [53003, 530032],
  'role-assignment': [501051],
  'tenant-restrictions': [500021, 500022],
  secret: [7000215, 7000222],
  'public-client': [700025],
  federated: [70021, 700211, 700212, 700213, 7002131],
  'redirect-uri': [50011, 900971],
  permissions: [650057, 65005],
  'tenant-id': [900021, 900023, 9001023, 50059, 90019, 50194],
  scope: [1002012, 70011, 28002, 700022, 700023],
  defect: [
    700021, 5002723, 5002738, 50027, 90014, 50048, 7000218, 700229, 900144, 9002313, 70003, 901002, 100007,
  ],
  'consent-declined': [65004],
  'consent-role': [90094],
  'consent-requested': [90095],
  'consent-account': [50020, 50034, 50105, 500212, 500213],
  'consent-restart': [54005, 70008, 501481, 700005],
  wait: [90033, 90006, 90012, 90024, 90090, 90091, 50033],
  support: [50000],
  'directory-failure': [90036],
  slow: [90055],
  loop: [50196],
} as const satisfies Partial<Record<AdviceId, readonly number[]>>;

const byNumber: ReadonlyMap<number, AdviceId> = new Map(
  Object.entries(NUMBERS).flatMap(([id, numbers]) => numbers.map((number) => [number, id as AdviceId])),
);

/** OAuth `error` words, for numbers that are not known: Microsoft changes and adds numbers. */
const byWord: ReadonlyMap<string, AdviceId> = new Map<string, AdviceId>([
  ['temporarily_unavailable', 'wait'],
  ['server_error', 'support'],
  ['invalid_client', 'certificate-refused'],
  ['invalid_scope', 'scope'],
  ['invalid_request', 'defect'],
  ['unsupported_grant_type', 'defect'],
  ['unauthorized_client', 'principal-missing'],
  ['invalid_resource', 'resource'],
  ['invalid_tenant', 'tenant-not-found'],
  ['invalid_grant', 'consent-missing'],
  ['access_denied', 'blocked'],
  ['consent_required', 'consent-missing'],
  ['interaction_required', 'conditional-access'],
]);

export function adviceForNumber(number: number): AdviceId | undefined {
  return byNumber.get(number);
}

export function adviceForWord(word: string): AdviceId | undefined {
  return byWord.get(word);
}

/** The certificate was refused, so another registered one may be accepted. */
export const NEXT_KEY: ReadonlySet<AdviceId> = new Set([
  'certificate-unregistered',
  'certificate-expired',
  'certificate-revoked',
  'certificate-refused',
  'certificate-mismatch',
  'key-missing',
  'key-type',
]);
