import { useEffect, useSyncExternalStore } from 'react';
import { isSame, type Source, type Start } from './draft.ts';
import { dropDraft, keepDraft, readDraft, watchDrafts } from './drafts.ts';

type InWriting = {
  source: Source;
  isChanged: boolean;
  /** Something was deployed that its writer has not seen. */
  isOvertaken: boolean;
  write: (change: Partial<Source>) => void;
  /** Says that the writer knows of a deployment: it is the own one, or was told of. */
  know: (deploymentId: string | null) => void;
  discard: () => void;
};

/** What is written for a server: the draft, or as long as nothing differs what it starts with. */
export function useDraft(serverId: string, start: Start): InWriting {
  const draft = useSyncExternalStore(watchDrafts, () => readDraft(serverId));
  const isChanged = draft !== undefined && !isSame(draft, start);
  // It was deployed, or every change taken back.
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
