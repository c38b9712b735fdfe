import { createHash } from 'node:crypto';
import type { JsonObject, Manifest, Prompt, Resource, ResourceTemplate, Tool } from '@toolplane/contracts';
import { MODERN_PROTOCOL_VERSION, metaKeys, TASKS_EXTENSION, UNREVIEWED_META_KEY } from '../protocol/protocol.ts';

/** How long a client may cache a list or a read resource. A client that listens is notified of changes earlier. */
const KEPT_MS = 60_000;
/** The maximum number of entries on a page. Most clients read only the first page, so it is as large as servers get. */
const PAGE_ENTRIES_MAX = 1000;

export type ListName = 'tools' | 'prompts' | 'resources' | 'resourceTemplates';

/** A result in each era, with the brace that closes the answer around it. The bytes are sent unchanged. */
export type PreparedPage = { legacy: Buffer; modern: Buffer };

/** Complete results of the methods that depend only on the manifest. */
export type PreparedLists = {
  firstPage(list: ListName): PreparedPage;
  /**
   * Returns undefined for a text that is not a cursor of this list. An invented cursor leads to the entries after the
   * name in it.
   */
  pageAt(list: ListName, cursor: string): PreparedPage | undefined;
  /** Returns a digest that changes when the list changes. */
  digest(list: ListName): string;
  readonly capabilities: { legacy: JsonObject; modern: JsonObject };
  /** The result of `server/discover`. */
  readonly discover: Buffer;
  /** All callers who may use the server have the same lists. */
  readonly isForEverybody: boolean;
};

/** The members of a tool that a list shows, and the one that makes this a server with tasks. */
type ListedTool = Pick<
  Tool,
  'name' | 'title' | 'description' | 'icons' | 'inputSchema' | 'outputSchema' | 'annotations' | 'task' | 'isUnreviewed'
>;

type Entry = { key: string; text: string };

/**
 * Prepares lists that are sorted by name, so that a cursor, which is the last name of a page, stays valid whatever
 * changes in the list.
 */
export function prepareLists(
  manifest: Manifest,
  serverInfo: JsonObject,
  { tools, isForEverybody }: { tools: readonly ListedTool[]; isForEverybody: boolean },
): PreparedLists {
  const modernMembers = `"resultType":"complete",${toCacheMembers({ isForEverybody })},"_meta":${JSON.stringify({ [metaKeys.serverInfo]: serverInfo })}`;
  const lists: Record<ListName, () => Entry[]> = {
    tools: once(() => toEntries(tools, ({ name }) => name, toListedTool)),
    prompts: once(() => toEntries(manifest.prompts ?? [], ({ name }) => name, toListedPrompt)),
    resources: once(() => toEntries(manifest.resources ?? [], ({ uri }) => uri, toListedResource)),
    resourceTemplates: once(() =>
      toEntries(manifest.resourceTemplates ?? [], ({ uriTemplate }) => uriTemplate, toListedTemplate),
    ),
  };
  const firstPages = new Map<ListName, PreparedPage>();
  const digests = new Map<ListName, string>();
  const capabilities = toCapabilities(manifest, tools);

  function preparePage(list: ListName, after: string | undefined): PreparedPage {
    const rest = after === undefined ? lists[list]() : lists[list]().filter(({ key }) => key > after);
    const entries = rest.slice(0, PAGE_ENTRIES_MAX);
    const last = entries.at(-1);
    const next =
      rest.length > entries.length && last !== undefined ? `,"nextCursor":"${toCursor(list, last.key)}"` : '';
    const members = `"${list}":[${entries.map(({ text }) => text).join(',')}]${next}`;
    return { legacy: Buffer.from(`{${members}}}`), modern: Buffer.from(`{${modernMembers},${members}}}`) };
  }

  return {
    capabilities,
    isForEverybody,
    firstPage(list) {
      const page = firstPages.get(list) ?? preparePage(list, undefined);
      firstPages.set(list, page);
      return page;
    },
    pageAt(list, cursor) {
      const after = readCursor(list, cursor);
      return after === undefined ? undefined : preparePage(list, after);
    },
    digest(list) {
      const known = digests.get(list) ?? digestOf(lists[list]());
      digests.set(list, known);
      return known;
    },
    discover: Buffer.from(
      `{${modernMembers},${JSON.stringify({
        supportedVersions: [MODERN_PROTOCOL_VERSION],
        capabilities: capabilities.modern,
        instructions: manifest.instructions,
      }).slice(1)}}`,
    ),
  };
}

/**
 * Returns the members that caching requires in the modern era (MCP 2026-07-28, caching). Public results may be shared
 * with others.
 */
export function toCacheMembers({ isForEverybody, keptMs = KEPT_MS }: { isForEverybody: boolean; keptMs?: number }) {
  return `"ttlMs":${keptMs},"cacheScope":"${isForEverybody ? 'public' : 'private'}"`;
}

function toCapabilities(
  { prompts = [], resources = [], resourceTemplates = [] }: Manifest,
  tools: readonly ListedTool[],
) {
  const hasValues = [...prompts.map((it) => it.arguments), ...resourceTemplates.map((it) => it.variables)]
    .flat()
    .some(({ values }) => values !== undefined);
  const isCompletable = hasValues || [...prompts, ...resourceTemplates].some((it) => it.completion !== undefined);
  const hasResources = resources.length + resourceTemplates.length > 0;
  const both: JsonObject = {
    tools: { listChanged: true },
    logging: {},
    ...(prompts.length === 0 ? {} : { prompts: { listChanged: true } }),
    ...(hasResources ? { resources: { listChanged: true, subscribe: true } } : {}),
    ...(isCompletable ? { completions: {} } : {}),
  };
  const hasTasks = tools.some(({ task }) => task !== undefined);
  return { legacy: both, modern: hasTasks ? { ...both, extensions: { [TASKS_EXTENSION]: {} } } : both };
}

function toEntries<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  toListed: (item: Item) => object,
): Entry[] {
  return items
    .map((item) => ({ key: keyOf(item), text: JSON.stringify(toListed(item)) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

function toListedTool({ isUnreviewed, ...tool }: ListedTool): object {
  const { name, title, description, icons, inputSchema, outputSchema, annotations } = tool;
  const meta = isUnreviewed && { _meta: { [UNREVIEWED_META_KEY]: true } };
  return { name, title, description, icons, inputSchema, outputSchema, annotations, ...meta };
}

function toListedPrompt({ name, title, description, icons, arguments: declared }: Prompt): object {
  return { name, title, description, icons, arguments: declared.map(({ values: _, ...shown }) => shown) };
}

function toListedResource({ uri, name, title, description, icons, mimeType }: Resource): object {
  return { uri, name, title, description, icons, mimeType };
}

function toListedTemplate({ uriTemplate, name, title, description, icons, mimeType }: ResourceTemplate): object {
  return { uriTemplate, name, title, description, icons, mimeType };
}

function toCursor(list: ListName, after: string): string {
  return Buffer.from(`${list} ${after}`).toString('base64url');
}

function readCursor(list: ListName, cursor: string): string | undefined {
  const text = Buffer.from(cursor, 'base64url').toString();
  const isOurs = text.startsWith(`${list} `) && toCursor(list, text.slice(list.length + 1)) === cursor;
  return isOurs ? text.slice(list.length + 1) : undefined;
}

function digestOf(entries: Entry[]): string {
  return createHash('sha256')
    .update(entries.map(({ text }) => text).join('\n'))
    .digest('base64url');
}

function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
