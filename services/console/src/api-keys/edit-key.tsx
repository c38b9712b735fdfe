import { Button, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useChange } from '../api/use-api.ts';
import type { ApiKey } from './api-key.ts';
import { type KeyDraft, toDraft, toKeyChange } from './key-draft.ts';
import { KeyForm } from './key-form.tsx';

export function EditKey({ of }: { of: ApiKey }) {
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" onClick={open}>
        Edit
      </Button>
      <Modal opened={isOpen} onClose={close} title={`Edit ${of.name}`} size="lg" closeOnClickOutside={false}>
        <Form of={of} onDone={close} />
      </Modal>
    </>
  );
}

function Form({ of, onDone }: { of: ApiKey; onDone: () => void }) {
  // Compared with what the person has seen, so that fields which were not touched do not undo changes by others.
  const [before] = useState(() => toDraft(of));
  const change = useChange({
    change: (api, draft: KeyDraft) => api('PATCH', `/api-keys/${of.id}`, { body: toKeyChange(before, draft) }),
    outdates: ['/api-keys'],
    onDone,
  });
  return <KeyForm initial={before} submitLabel="Save" save={change} />;
}
