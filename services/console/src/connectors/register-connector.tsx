import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import type { OpenApiImport, RegisteredConnector, Validation } from '@toolplane/api-client';
import { type FormEvent, useRef, useState } from 'react';
import { Link } from 'react-router';
import { useChange } from '../api/use-api.ts';
import type { CodeEditorRef } from '../documents/code-editor.tsx';
import { DiagnosticList } from '../documents/diagnostic-list.tsx';
import { diagnosticsOf } from '../documents/diagnostics-of.ts';
import { DocumentEditor } from '../documents/document-editor.tsx';
import { OpenFile } from '../documents/open-file.tsx';
import type { TextPosition } from '../documents/places.ts';
import { Problem } from '../parts/answers.tsx';
import { ImportOpenApi } from './import-open-api.tsx';
import { ImportedOperations } from './imported-operations.tsx';

/** The text of a descriptor, which can be checked any number of times and registered. */
export function RegisterConnector() {
  const [descriptor, setDescriptor] = useState('');
  const [imported, setImported] = useState<OpenApiImport>();
  const check = useChange({
    change: async (api, text: string) => (await api.POST('/connectors/validate', { body: { descriptor: text } })).data,
    outdates: [],
  });
  const register = useChange({
    change: (api, text: string) => api.POST('/connectors', { body: { descriptor: text } }),
    outdates: ['/connectors', '/connector-instances', '/tools'],
  });
  // A result applies only to the text that was checked.
  const forget = () => {
    check.reset();
    register.reset();
  };
  const write = (text: string) => {
    setDescriptor(text);
    forget();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    forget();
    register.mutate(descriptor);
  };
  const isEmpty = descriptor.trim() === '';
  const editor = useRef<CodeEditorRef>(null);
  const goTo = (place: TextPosition) => editor.current?.goTo(place);
  const said = register.isError ? diagnosticsOf(register.error) : (register.data ?? check.data)?.diagnostics;
  return (
    <form onSubmit={submit}>
      <Stack>
        <Group justify="space-between" align="flex-start">
          <Text c="dimmed" maw={560}>
            A new slug creates a connector; an existing one gets a new version. Instances move to the highest version.
          </Text>
          <ImportOpenApi
            onImported={(made) => {
              setImported(made);
              write(made.descriptor);
            }}
          />
        </Group>
        {imported === undefined ? undefined : <ImportedOperations imported={imported} />}
        <DocumentEditor label="Descriptor" value={descriptor} diagnostics={said} onChange={write} ref={editor} />
        <Group>
          <Button type="submit" loading={register.isPending} disabled={isEmpty}>
            Register
          </Button>
          <Button
            variant="default"
            loading={check.isPending}
            disabled={isEmpty}
            onClick={() => {
              forget();
              check.mutate(descriptor);
            }}
          >
            Check
          </Button>
          <OpenFile onOpen={write} />
        </Group>
        {check.isError ? <Problem error={check.error} /> : undefined}
        {check.isSuccess ? <CheckedText checked={check.data} onGoTo={goTo} /> : undefined}
        {register.isError ? (
          <>
            <Problem error={register.error} title="Not registered" />
            <DiagnosticList diagnostics={diagnosticsOf(register.error)} onGoTo={goTo} />
          </>
        ) : undefined}
        {register.isSuccess ? <RegisteredVersion registered={register.data} /> : undefined}
      </Stack>
    </form>
  );
}

type Said = { checked: Validation; onGoTo: (place: TextPosition) => void };

function CheckedText({ checked: { valid, diagnostics }, onGoTo }: Said) {
  return (
    <>
      <Alert color={valid ? 'green' : 'red'} role="status">
        {valid ? 'It can be registered.' : 'It cannot be registered as it is.'}
        {diagnostics.length === 0 ? ' No problems were found.' : ''}
      </Alert>
      <DiagnosticList diagnostics={diagnostics} onGoTo={onGoTo} />
    </>
  );
}

function RegisteredVersion({ registered: { data, message, diagnostics } }: { registered: RegisteredConnector }) {
  return (
    <>
      <Alert color="green" title={message} role="status">
        Version {data.version} of{' '}
        <Anchor component={Link} to={data.slug} inherit>
          {data.slug}
        </Anchor>{' '}
        {data.is_active ? 'is the active one.' : 'is not the active one.'}
      </Alert>
      <DiagnosticList diagnostics={diagnostics} />
    </>
  );
}
