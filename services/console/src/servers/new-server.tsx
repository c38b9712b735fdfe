import { Stack } from '@mantine/core';
import type { McpServer } from '@toolplane/api-client';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { toFormProblems } from '../api/form-problems.ts';
import { useChange } from '../api/use-api.ts';
import { DescriptionField } from '../parts/description-field.tsx';
import { DialogButton } from '../parts/dialog-button.tsx';
import { FormEnd } from '../parts/form-end.tsx';
import { NameField } from '../parts/name-field.tsx';
import { ModeChoice } from './mode-choice.tsx';

type Wanted = { name: string; description?: string; mode: McpServer['mode'] };

/** The button and the form for a new server. The API says which names are valid. */
export function NewServer() {
  return (
    <DialogButton label="New server" title="New MCP server">
      {() => <Form />}
    </DialogButton>
  );
}

function Form() {
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [mode, setMode] = useState<McpServer['mode']>('NORMAL');
  const navigate = useNavigate();
  const create = useChange({
    change: async (api, body: Wanted) => (await api.POST('/mcp-servers', { body })).data,
    outdates: ['/mcp-servers'],
    onDoneHere: ({ id }) => navigate(`${id}/deploy`),
  });
  const { at, rest } = toFormProblems(create.error, ['name', 'description']);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name, mode, ...(description === '' ? {} : { description }) });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <NameField
          error={at['name']}
          value={name}
          description="Lowercase letters, digits and hyphens; agents see it"
          onChange={setName}
        />
        <DescriptionField error={at['description']} value={description} onChange={setDescription} />
        <ModeChoice mode={mode} onChange={setMode} />
        <FormEnd change={create} rest={rest} submitLabel="Create server" />
      </Stack>
    </form>
  );
}
