import { createHash } from 'node:crypto';
import { AdapterError, type CallOptions, type Feed, isAdapterError } from '@tidelock/core';
import { DEFAULT_FOLDER } from './config.ts';
import { startWalk, walkOn } from './cursor.ts';
import { contactsPath, foldersPath, toQuery } from './paths.ts';
import { readPage, type Session } from './session.ts';
import { WireFolder, WireInFolder } from './wire.ts';

const OPERATION = 'contactFolders.list';
/** Folders looked at for children; a mailbox with more is not one that people keep contacts in. */
const MAX_FOLDERS = 200;

export interface FolderSet {
  feeds(options?: CallOptions): Promise<readonly Feed[]>;
  /** Keys of the feeds: `contacts` or folder ids, the one for new contacts first. */
  keys(options?: CallOptions): Promise<readonly string[]>;
  /** Whether a contact in that container is inside the opened folders; undefined when it cannot be told. */
  holds(container: string | undefined, options?: CallOptions): Promise<boolean | undefined>;
}

async function listAll(session: Session, first: string, options: CallOptions): Promise<WireFolder[]> {
  const folders: WireFolder[] = [];
  let walk = { ...startWalk(), link: first };
  for (;;) {
    const answer = await session.graph.send({
      operation: OPERATION,
      url: walk.link,
      lane: session.lane,
      ...options,
    });
    const page = readPage(answer.body, OPERATION);
    for (const item of page.value) {
      const folder = WireFolder.safeParse(item);
      if (folder.success) folders.push(folder.data);
    }
    const link = page['@odata.nextLink'];
    if (link === undefined) return folders;
    walk = walkOn(walk, { link, items: page.value }, OPERATION);
  }
}

/** All folders below the default one, at any depth. */
async function listTree(session: Session, options: CallOptions): Promise<readonly WireFolder[]> {
  const root = foldersPath(session.mailbox);
  const query = toQuery({ $top: '100', $select: 'id,displayName,parentFolderId' });
  const found = await listAll(session, `${root}${query}`, options);
  for (let at = 0; at < found.length && at < MAX_FOLDERS; at += 1) {
    const children = `${root}/${encodeURIComponent(found[at]?.id ?? '')}/childFolders${query}`;
    const known = new Set(found.map((folder) => folder.id));
    found.push(...(await listAll(session, children, options)).filter((folder) => !known.has(folder.id)));
  }
  return found;
}

const notThere = (error: unknown): boolean =>
  isAdapterError(error) && (error.status === 400 || error.status === 404) && error.kind !== 'cursor_expired';

/**
 * Id of the default folder, which the list of folders leaves out: by its well-known name, which is not documented for
 * contacts; else as the parent of a contact; else as the parent of a folder below it. Undefined when all are empty.
 */
async function findDefaultId(session: Session, options: CallOptions): Promise<string | undefined> {
  const { graph, lane, mailbox } = session;
  const get = (url: string) => graph.send({ operation: 'contactFolders.default', url, lane, ...options });
  try {
    const named = await get(`${foldersPath(mailbox)}/${DEFAULT_FOLDER}${toQuery({ $select: 'id' })}`);
    const folder = WireFolder.safeParse(named.body);
    if (folder.success) return folder.data.id;
  } catch (error) {
    if (!notThere(error)) throw error;
  }
  const query = toQuery({ $top: '1', $select: 'parentFolderId' });
  for (const url of [`${contactsPath(mailbox, DEFAULT_FOLDER)}${query}`, `${foldersPath(mailbox)}${query}`]) {
    const [item] = readPage((await get(url)).body, 'contactFolders.default').value;
    const parent = WireInFolder.safeParse(item).data?.parentFolderId;
    if (parent) return parent;
  }
  return undefined;
}

function findNamed(folders: readonly WireFolder[], name: string): WireFolder {
  const named = folders.filter((folder) => folder.displayName?.toLowerCase() === name.toLowerCase());
  const found = folders.find((folder) => folder.id === name) ?? (named.length === 1 ? named[0] : undefined);
  if (found !== undefined) return found;
  const several = named.length > 1;
  throw new AdapterError(
    several ? 'invalid' : 'not_found',
    `${OPERATION}: a configured folder ${several ? 'is there more than once' : 'does not exist'}`,
    {
      operation: OPERATION,
      code: several ? 'folder-ambiguous' : 'folder-missing',
      remedy: several ? 'Name the folder by its id.' : 'Create the folder in Outlook, or correct its name.',
    },
  );
}

interface Resolved {
  readonly key: string;
  readonly label: string;
}

async function resolve(
  session: Session,
  names: readonly string[],
  options: CallOptions,
): Promise<readonly Resolved[]> {
  const isDefault = (name: string): boolean => name.toLowerCase() === DEFAULT_FOLDER;
  const folders = names.every(isDefault) ? [] : await listTree(session, options);
  const resolved = names.map((name): Resolved => {
    if (isDefault(name)) return { key: DEFAULT_FOLDER, label: 'Contacts' };
    const folder = findNamed(folders, name);
    return { key: folder.id, label: folder.displayName ?? '' };
  });
  return [...new Map(resolved.map((each) => [each.key, each])).values()];
}

/** Runs `work` once; a failure is not kept. */
function once<T>(work: (options: CallOptions) => Promise<T>): (options: CallOptions) => Promise<T> {
  let done: { value: T } | undefined;
  return async (options) => {
    done ??= { value: await work(options) };
    return done.value;
  };
}

export function createFolderSet(session: Session, names: readonly string[]): FolderSet {
  const resolved = once((options) => resolve(session, names, options));
  const defaultId = once((options) => findDefaultId(session, options));
  const keys = async (options: CallOptions = {}): Promise<readonly string[]> =>
    (await resolved(options)).map((each) => each.key);
  return {
    keys,
    async feeds(options = {}) {
      const folders = await resolved(options);
      const scope = folders.map((each) => each.key).sort();
      const scopeHash = createHash('sha256').update(JSON.stringify(scope)).digest('hex').slice(0, 32);
      return folders.map(({ key, label }) => ({ key, label, scopeHash }));
    },
    async holds(container, options = {}) {
      const opened = await keys(options);
      if (container === undefined) return undefined;
      if (opened.includes(container)) return true;
      if (!opened.includes(DEFAULT_FOLDER)) return false;
      const id = await defaultId(options);
      return id === undefined ? undefined : id === container;
    },
  };
}
