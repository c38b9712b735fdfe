import { useSearchParams } from 'react-router';
import { useMay } from '../api/session.ts';
import { useChange } from '../api/use-api.ts';
import { KeyDialog } from './key-dialog.tsx';
import { type KeyDraft, newDraft, toNewKey } from './key-draft.ts';
import { KeyForm } from './key-form.tsx';

/** `?new` opens the dialog immediately; `agent=<id>` makes it a key of that agent. */
export function NewKey() {
  const [search, setSearch] = useSearchParams();
  const isAsked = search.has('new');
  const leave = isAsked ? () => setSearch({}, { replace: true }) : undefined;
  return (
    <KeyDialog label="New key" title="New API key" isOpenAtFirst={isAsked} onLeave={leave}>
      {(show) => <Form onMade={show} />}
    </KeyDialog>
  );
}

function Form({ onMade }: { onMade: (key: string) => void }) {
  const mayCall = useMay('tools:call');
  const create = useChange({
    change: async (api, draft: KeyDraft) => (await api.POST('/api-keys', { body: toNewKey(draft) })).data.key,
    outdates: ['/api-keys'],
    onDone: onMade,
  });
  const agentId = useSearchParams()[0].get('agent');
  const initial = { ...newDraft, agentId, ...(mayCall ? {} : { permissions: [] }) };
  return <KeyForm isNew initial={initial} submitLabel="Create key" save={create} />;
}
