import { useEffect, useSyncExternalStore } from 'react';
import { isSame, type Source, type Start } from './draft.ts';
import { dropDraft, keepDraft, readDraft, watchDrafts } from './drafts.ts';

type InWriting = {
  source: Source;
  isChanged: boolean;
  /** True if something was deployed that the writer has not seen. */
  isOvertaken: boolean;
  write: (change: Partial<Source>) => void;
  /** Marks a deployment as known to the writer, because it is their own or was shown to them. */
  know: (deploymentId: string | null) => void;
  discard: () => void;
};

/** The text for a server: the draft, or the initial text if nothing differs from it. */
export function useDraft(serverId: string, start: Start): InWriting {
  const draft = useSyncExternalStore(watchDrafts, () => readDraft(serverId));
  const isChanged = draft !== undefined && !isSame(draft, start);
  // The draft was deployed, or every change was undone.
  const isOver = draft !== undefined && !isChanged;
  useEffect(() => {
    if (isOver) dropDraft(serverId);
  }, [isOver, serverId]);
  const { definition, references } = draft ?? start;
  return {
    source: { definition, references },
    isChanged,
    isOvertaken: isChanged && !draft.known.includes(start.deploymentId),
    write: (change) => {
      const before = readDraft(serverId) ?? { definition, references, known: [start.deploymentId] };
      keepDraft(serverId, { ...before, ...change });
    },
    know: (deploymentId) => {
      const before = readDraft(serverId);
      if (before !== undefined) keepDraft(serverId, { ...before, known: [...before.known, deploymentId] });
    },
    discard: () => dropDraft(serverId),
  };
}
