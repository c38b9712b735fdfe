import { hash } from 'node:crypto';
import type { HostedServer } from './hosted-server.ts';

export type ChangedList = 'tools' | 'prompts' | 'resources';

/** The changes that a listening client may have to be notified of when one manifest has replaced another. */
export type ManifestChange = {
  readonly lists: ReadonlySet<ChangedList>;
  /** Returns whether the resource with this URI was changed, removed or added. */
  isUpdated(uri: string): boolean;
};

export const noChange: ManifestChange = { lists: new Set(), isUpdated: () => false };

const changedLists: readonly ChangedList[] = ['tools', 'prompts', 'resources'];

export function changesBetween(before: HostedServer, after: HostedServer): ManifestChange {
  return {
    lists: new Set(changedLists.filter((list) => listDigest(before, list) !== listDigest(after, list))),
    isUpdated: (uri) => definitionOf(before, uri) !== definitionOf(after, uri),
  };
}

/**
 * Returns everything that `changesSince` needs. The client stores it, so the edge stores nothing about what the client
 * has received.
 */
export function toMark(server: HostedServer): string {
  return [...changedLists.map((list) => listDigest(server, list)), resourcesDigest(server)].map(shorten).join('.');
}

/**
 * Returns undefined for a text that is not a mark. A mark does not show which resource changed, so every resource that
 * may have changed counts as updated.
 */
export function changesSince(mark: string, after: HostedServer): ManifestChange | undefined {
  const before = mark.split('.');
  const now = toMark(after).split('.');
  if (before.length !== now.length) return undefined;
  return {
    lists: new Set(changedLists.filter((_list, index) => before[index] !== now[index])),
    isUpdated: () => before.at(-1) !== now.at(-1),
  };
}

function listDigest({ lists, manifest, isSmart }: HostedServer, list: ChangedList): string {
  if (list === 'resources') return `${lists.digest('resources')}${lists.digest('resourceTemplates')}`;
  // Tools that run with different credentials are different tools, although the list shows no difference.
  return list === 'tools' && !isSmart ? `${lists.digest('tools')}${manifest.toolsetVersion ?? ''}` : lists.digest(list);
}

/** Lists do not show the plans behind them, and a resource with another plan is another resource. */
function resourcesDigest({ resources, resourceTemplates }: HostedServer): string {
  return JSON.stringify([
    Array.from(resources.values(), ({ resource }) => resource),
    resourceTemplates.map(({ template }) => template),
  ]);
}

function definitionOf({ resources, resourceTemplates }: HostedServer, uri: string): string | undefined {
  const entry =
    resources.get(uri)?.resource ?? resourceTemplates.find(({ match }) => match(uri) !== undefined)?.template;
  return entry && JSON.stringify(entry);
}

const shorten = (text: string) => hash('sha256', text, 'base64url').slice(0, 10);
