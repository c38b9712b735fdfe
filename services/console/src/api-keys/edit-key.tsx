import type { ApiKey } from '@toolplane/api-client';
import { useState } from 'react';
import { useChange } from '../api/use-api.ts';
import { DialogButton } from '../parts/dialog-button.tsx';
import { type KeyDraft, toDraft, toKeyChange } from './key-draft.ts';
import { KeyForm } from './key-form.tsx';

export function EditKey({ of }: { of: ApiKey }) {
  return (
    <DialogButton
      label="Edit"
      title={`Edit ${of.name}`}
      button={{ variant: 'default' }}
      dialog={{ size: 'lg', closeOnClickOutside: false }}
    >
      {(close) => <Form of={of} onDone={close} />}
    </DialogButton>
  );
}

function Form({ of, onDone }: { of: ApiKey; onDone: () => void }) {
  // Changes are relative to what the person has seen, so that fields that were not edited do not undo changes by
  // others.
  const [before] = useState(() => toDraft(of));
  const change = useChange({
    change: (api, draft: KeyDraft) =>
      api.PATCH('/api-keys/{id}', { params: { path: { id: of.id } }, body: toKeyChange(before, draft) }),
    outdates: ['/api-keys'],
    onDone,
  });
  return <KeyForm initial={before} submitLabel="Save" save={change} />;
}
