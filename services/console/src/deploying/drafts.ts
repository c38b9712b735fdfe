import type { DocumentDraft } from './draft.ts';

/*
 * Texts that were written but not deployed, by server. They are kept while people move between pages, and are lost with
 * the window, which asks before it closes.
 */

const drafts = new Map<string, DocumentDraft>();
const watchers = new Set<() => void>();

export function readDraft(serverId: string): DocumentDraft | undefined {
  return drafts.get(serverId);
}

export function keepDraft(serverId: string, draft: DocumentDraft): void {
  drafts.set(serverId, draft);
  report();
}

export function dropDraft(serverId: string): void {
  if (drafts.delete(serverId)) report();
}

export function watchDrafts(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

function report(): void {
  // The handler is only registered while there is something to lose, because browsers do not cache a page with this
  // handler for going back.
  if (drafts.size > 0) addEventListener('beforeunload', ask);
  else removeEventListener('beforeunload', ask);
  for (const watcher of watchers) watcher();
}

function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
