import { Stack, TagsInput, Text } from '@mantine/core';
import type { Authentication, ConnectorInstance } from '@toolplane/api-client';
import { type FormEvent, useRef, useState } from 'react';
import { toFormProblems } from '../api/form-problems.ts';
import { seal } from '../api/seal.ts';
import { useChange } from '../api/use-api.ts';
import { FormEnd } from '../parts/form-end.tsx';
import { toRequest, type Whose } from './credential.ts';
import { DeclaredInput } from './declared-input.tsx';
import { readForm } from './read-form.ts';
import { useWritableScopes } from './use-writable-scopes.ts';
import { WhoseFields } from './whose-fields.tsx';

const VALUE = 'value.';

type Parts = {
  instance: ConnectorInstance;
  authentication: Authentication;
  onStored: (warnings: string[]) => void;
};

/**
 * Typed values remain in the fields until they are sealed: they are in no state and in no variable of a request, and
 * disappear with the form.
 */
export function CredentialForm({ instance, authentication, onStored }: Parts) {
  const { id: authType, fields } = authentication;
  const scopes = useWritableScopes(instance);
  const [whose, setWhose] = useState<Whose>({ scope: 'workspace', subject: '' });
  const [hosts, setHosts] = useState(instance.hosts);
  const form = useRef<HTMLFormElement>(null);
  const store = useChange({
    change: async (api) => {
      if (form.current === null) return [];
      const value = readForm(form.current, VALUE);
      const typed = fields.flatMap(({ key, field_type }) => (field_type === 'url' ? hostOf(value[key]) : []));
      const request = toRequest(whose);
      const sealed = await seal(
        api,
        { instance: instance.id, ...request },
        { value, hosts: [...new Set([...hosts, ...typed])] },
      );
      const body = { ...request, auth_type: authType, sealed };
      const params = { path: { id: instance.id } };
      return (await api.PUT('/connector-instances/{id}/credentials', { params, body })).data.warnings;
    },
    outdates: ['/connector-instances', '/tools'],
    onDone: (warnings) => {
      form.current?.reset();
      onStored(warnings);
    },
  });
  const sealed = ['/hosts', ...fields.map(({ key }) => `/value/${key}`)];
  const { at, rest } = toFormProblems(store.error, ['subject', ...sealed]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    store.mutate();
  };
  const hasUrl = fields.some(({ field_type: type }) => type === 'url');
  return (
    <form onSubmit={submit} ref={form}>
      <Stack>
        <Text size="sm">
          They are encrypted in this browser before they are sent, and only a data plane can decrypt them. They replace
          all values that were set for the same calls before.
        </Text>
        <WhoseFields scopes={scopes} whose={whose} error={at['subject']} onChange={setWhose} />
        {fields.map((field) => (
          <DeclaredInput key={field.key} field={field} name={VALUE + field.key} error={at[`/value/${field.key}`]} />
        ))}
        <TagsInput
          label="Hosts"
          error={at['/hosts']}
          value={hosts}
          onChange={setHosts}
          splitChars={[',', ' ']}
          description={`They are sent only to these hosts${hasUrl ? ' and the host of a URL above' : ''}: host, host:port or *.host`}
        />
        <FormEnd
          change={store}
          rest={rest}
          submitLabel="Store"
          title="Not stored"
          button={{ disabled: hosts.length === 0 && !hasUrl }}
        />
      </Stack>
    </form>
  );
}

function hostOf(url: string | undefined): string[] {
  const { host = '' } = URL.parse(url ?? '') ?? {};
  return host === '' ? [] : [host];
}
