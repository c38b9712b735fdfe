import { Button, Group, Stack, Switch, TextInput } from '@mantine/core';
import type { OpenApiImport } from '@toolplane/api-client';
import { type FormEvent, useState } from 'react';
import { toFormProblems } from '../api/form-problems.ts';
import { useMay } from '../api/session.ts';
import { useChange } from '../api/use-api.ts';
import { DiagnosticList } from '../documents/diagnostic-list.tsx';
import { diagnosticsOf } from '../documents/diagnostics-of.ts';
import { DialogButton } from '../parts/dialog-button.tsx';
import { FormProblem } from '../parts/form-problem.tsx';
import { type AuthenticationChoice, GivenAuthenticationFields, toOption } from './given-authentication.tsx';
import { PastedText } from './pasted-text.tsx';

/** A descriptor created from an OpenAPI document. Nothing is saved yet. */
type Parts = { onImported: (imported: OpenApiImport) => void };

export function ImportOpenApi({ onImported }: Parts) {
  const mayImport = useMay('servers:write');
  if (!mayImport) return undefined;
  return (
    <DialogButton
      label="Import OpenAPI"
      title="Import an OpenAPI document"
      button={{ variant: 'default' }}
      dialog={{ size: 'xl' }}
    >
      {(close) => (
        <Form
          onImported={(imported) => {
            close();
            onImported(imported);
          }}
        />
      )}
    </DialogButton>
  );
}

function Form({ onImported }: Parts) {
  const [document, setDocument] = useState('');
  const [slug, setSlug] = useState('');
  const [serverUrl, setServerUrl] = useState('');
  const [isReadOnly, setReadOnly] = useState(false);
  const [given, setGiven] = useState<AuthenticationChoice>({ type: null, header: '' });
  const convert = useChange({
    change: async (api) => {
      const options = {
        ...(slug === '' ? {} : { slug }),
        ...(serverUrl === '' ? {} : { server_url: serverUrl }),
        ...(isReadOnly ? { read_only: true } : {}),
        ...toOption(given),
      };
      return (await api.POST('/connectors/import-openapi', { body: { document, options } })).data;
    },
    outdates: [],
    onDone: onImported,
  });
  const { at, rest } = toFormProblems(convert.error, [
    'options.slug',
    'options.server_url',
    'options.authentication.header',
  ]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // This form is inside another form.
    event.stopPropagation();
    convert.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <PastedText
          label="OpenAPI document"
          description="OpenAPI 3.0, 3.1 or 3.2, YAML or JSON"
          rows={12}
          text={document}
          onChange={setDocument}
        />
        <TextInput
          label="Slug"
          error={at['options.slug']}
          value={slug}
          description="Left empty, it is derived from the title"
          onChange={({ currentTarget }) => setSlug(currentTarget.value)}
        />
        <TextInput
          label="URL of the API"
          type="url"
          error={at['options.server_url']}
          value={serverUrl}
          description="Replaces the servers that the document declares"
          onChange={({ currentTarget }) => setServerUrl(currentTarget.value)}
        />
        <GivenAuthenticationFields given={given} error={at['options.authentication.header']} onChange={setGiven} />
        <Switch
          label="Only read-only operations"
          checked={isReadOnly}
          onChange={({ currentTarget }) => setReadOnly(currentTarget.checked)}
        />
        {convert.isError ? (
          <>
            <FormProblem error={convert.error} rest={rest} title="Not imported" />
            <DiagnosticList diagnostics={diagnosticsOf(convert.error)} />
          </>
        ) : undefined}
        <Group justify="flex-end">
          <Button type="submit" loading={convert.isPending} disabled={document.trim() === ''}>
            Import
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
