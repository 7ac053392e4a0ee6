import { MAIN_CRM } from '../crm-connections.ts';
import { nearestName } from '../nearest-name.ts';
import type { Located, Path } from '../problems.ts';

type Loose = Readonly<Record<string, unknown>>;

const asRecord = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {};
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function problem(path: Path, reason: string, remedy: string): Located {
  return { path, reason, remedy, atKey: false };
}

function unknownProfile(name: string, known: readonly string[]): { reason: string; remedy: string } {
  const meant = nearestName(name, known);
  const reason = `there is no profile "${name}"`;
  if (meant !== null) return { reason, remedy: `Did you mean "${meant}"?` };
  const list = known.length === 0 ? 'none' : known.join(', ');
  return { reason, remedy: `Write it under "profiles", or use one of: ${list}.` };
}

/** Every place that names a profile. */
function namedProfiles(document: Loose): { path: Path; name: string }[] {
  const places: { path: Path; name: unknown }[] = [
    { path: ['defaultProfile'], name: document.defaultProfile },
    ...asList(document.mailboxes).map((entry, i) => ({
      path: ['mailboxes', i, 'profile'],
      name: asRecord(entry).profile,
    })),
    ...asList(document.assign).map((entry, i) => ({
      path: ['assign', i, 'profile'],
      name: asRecord(entry).profile,
    })),
  ];
  return places.flatMap(({ path, name }) => (typeof name === 'string' ? [{ path, name }] : []));
}

function checkAssign(document: Loose): Located[] {
  const taken = new Map<string, number>();
  return asList(document.assign).flatMap((entry, index): Located[] => {
    const { mailboxes, group } = asRecord(entry);
    const path = ['assign', index];
    const how = 'Write "mailboxes" with addresses, or "group" with the object id of a group.';
    if (mailboxes === undefined && group === undefined) return [problem(path, 'names no mailbox', how)];
    if (mailboxes !== undefined && group !== undefined)
      return [problem(path, 'names both mailboxes and a group', 'Make two entries of it.')];
    return asList(mailboxes).flatMap((address, at): Located[] => {
      if (typeof address !== 'string') return [];
      const first = taken.get(address.toLowerCase());
      taken.set(address.toLowerCase(), first ?? index);
      if (first === undefined) return [];
      const reason = `the mailbox ${address} stands in assign[${first}] already`;
      return [problem([...path, 'mailboxes', at], reason, 'Remove one of the two: only the first counts.')];
    });
  });
}

/** What a one-way profile says about the side that it never writes. */
function checkDirections(document: Loose): Located[] {
  return Object.entries(asRecord(document.profiles)).flatMap(([name, profile]): Located[] => {
    const contacts = asRecord(asRecord(profile).contacts);
    const [never, word] =
      contacts.direction === 'crm>mailbox'
        ? (['crm', 'CRM'] as const)
        : contacts.direction === 'mailbox>crm'
          ? (['mailbox', 'mailbox'] as const)
          : [null, ''];
    if (never === null) return [];
    const deleter = never === 'crm' ? 'mailbox' : 'crm';
    const path = ['profiles', name, 'contacts'];
    const found: Located[] = [];
    const reason = `contradicts direction "${String(contacts.direction)}", in which the ${word} is never written`;
    if (asRecord(contacts.create)[never] === true)
      found.push(problem([...path, 'create', never], reason, 'Remove it, or write direction: both.'));
    if (asRecord(contacts.onDelete)[deleter] === 'delete')
      found.push(problem([...path, 'onDelete', deleter], reason, 'Write unlink, or direction: both.'));
    return found;
  });
}

/** Which CRM a profile follows, and names that say nothing. */
function checkCrms(document: Loose): Located[] {
  const known = Object.keys(asRecord(document.crms));
  const reserved = known.includes(MAIN_CRM)
    ? [
        {
          ...problem(['crms', MAIN_CRM], `"${MAIN_CRM}" is the connection under "crm"`, 'Take another name.'),
          atKey: true,
        },
      ]
    : [];
  const unknown = Object.entries(asRecord(document.profiles)).flatMap(([name, profile]): Located[] => {
    const { crm } = asRecord(profile);
    if (typeof crm !== 'string' || crm === MAIN_CRM || known.includes(crm)) return [];
    const meant = nearestName(crm, known);
    const list = known.length === 0 ? 'none' : known.join(', ');
    const remedy =
      meant === null ? `Write it under "crms", or use one of: ${list}.` : `Did you mean "${meant}"?`;
    return [problem(['profiles', name, 'crm'], `there is no CRM "${crm}"`, remedy)];
  });
  return [...reserved, ...unknown];
}

/** What several parts of the document say together. On the document as written: a schema would stay silent next to other problems. */
export function profileProblems(value: unknown): Located[] {
  const document = asRecord(value);
  const known = Object.keys(asRecord(document.profiles));
  const unknown = namedProfiles(document).flatMap(({ path, name }): Located[] => {
    if (known.includes(name) || name === 'default') return [];
    const { reason, remedy } = unknownProfile(name, known);
    return [problem(path, reason, remedy)];
  });
  // An empty list says that nobody takes part yet: the page is where that changes.
  const nobody = !Array.isArray(document.mailboxes) && asList(document.assign).length === 0;
  const empty = nobody
    ? [
        problem(
          ['mailboxes'],
          'names no mailbox',
          'List addresses under "mailboxes", or lists and groups under "assign".',
        ),
      ]
    : [];
  return [
    ...unknown,
    ...checkAssign(document),
    ...checkDirections(document),
    ...checkCrms(document),
    ...empty,
  ];
}
