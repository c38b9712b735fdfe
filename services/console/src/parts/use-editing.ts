import type { ApiClient } from '@toolplane/api-client';
import { useState } from 'react';
import { useChange } from '../api/use-api.ts';

type Editing<Thing, Draft> = {
  /** The current state of the thing, which changes when somebody else saves. */
  current: Thing;
  toDraft: (thing: Thing) => Draft;
  /** Returns whether saving the draft would leave the thing unchanged. */
  isSame: (draft: Draft, thing: Thing) => boolean;
  /** Returns the new state. The API refuses a change that is based on a version other than that of `seen`. */
  send: (api: ApiClient, draft: Draft, seen: Thing) => Promise<Thing>;
  outdates: readonly string[];
};

/**
 * Edits something that other people may change at the same time. If nothing has been typed, their changes are adopted.
 * Otherwise the typed values remain, and the person has to choose before they can save.
 */
export function useEditing<Thing extends { version: number }, Draft>(editing: Editing<Thing, Draft>) {
  const { current, toDraft, isSame, send, outdates } = editing;
  /** The state that the person has seen, and from which the draft began. */
  const [seen, setSeen] = useState(current);
  const [draft, setDraft] = useState(() => toDraft(current));
  const save = useChange({
    change: (api, changed: Draft) => send(api, changed, seen),
    outdates,
    onDone: setSeen,
  });
  const takeOver = () => {
    setSeen(current);
    setDraft(toDraft(current));
  };
  const goOn = () => {
    setSeen(current);
    save.reset();
  };
  const drop = () => {
    takeOver();
    save.reset();
  };
  // A change that is being saved here does not come from somebody else.
  const isBehind = current.version > seen.version && !save.isPending;
  const isChanged = !isSame(draft, seen);
  const isSameOtherwise = isSame(toDraft(current), seen);
  if (isBehind && !isChanged) takeOver();
  else if (isBehind && isSameOtherwise) setSeen(current);
  return {
    draft,
    set: (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part })),
    save,
    isChanged,
    /** True if somebody else has changed it. `choice` decides what happens to the draft. */
    isOvertaken: isBehind && isChanged && !isSameOtherwise,
    choice: { goOn, drop },
  };
}
