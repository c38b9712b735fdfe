import { useMay } from '../api/session.ts';
import { useChange } from '../api/use-api.ts';
import type { ShownApiKey } from './api-key.ts';
import { KeyDialog } from './key-dialog.tsx';
import { type KeyDraft, newDraft, toNewKey } from './key-draft.ts';
import { KeyForm } from './key-form.tsx';

export function NewKey() {
  return (
    <KeyDialog label="New key" title="New API key">
      {(show) => <Form onMade={show} />}
    </KeyDialog>
  );
}

function Form({ onMade }: { onMade: (key: string) => void }) {
  const mayCall = useMay('tools:call');
  const create = useChange({
    change: async (api, draft: KeyDraft) =>
      (await api<ShownApiKey>('POST', '/api-keys', { body: toNewKey(draft) })).data.key,
    outdates: ['/api-keys'],
    onDone: onMade,
  });
  const initial = mayCall ? newDraft : { ...newDraft, permissions: [] };
  return <KeyForm initial={initial} submitLabel="Make the key" save={create} />;
}
