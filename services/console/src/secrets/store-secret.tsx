import { Alert, Button, Group, Modal, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import type { ApiClient, McpServer, SecretDetails } from '@toolplane/api-client';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../api/api-error.ts';
import { seal } from '../api/seal.ts';
import { useAnswer, useApi, useChange } from '../api/use-api.ts';
import { Loading, Problem } from '../parts/answers.tsx';
import { OverlapChoice } from '../parts/overlap-choice.tsx';
import { useServerConfig } from '../servers/use-server-config.ts';
import { secretsOf } from './secret.ts';
import { isSecretHost, toSecretHost } from './secret-host.ts';
import { SecretValue } from './secret-value.tsx';

type SecretPath = { id: string; name: string };
type Asked = { server: McpServer; onStored: (name: string) => void };

/** `name` is that of the secret, '' for a secret that is not named yet, or null if the dialog is closed. */
export function StoreSecret({ name, onClose, ...asked }: Asked & { name: string | null; onClose: () => void }) {
  return (
    <Modal
      opened={name !== null}
      onClose={onClose}
      title={name === null || name === '' ? 'Set a secret' : `Set ${name}`}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      {name === null ? undefined : <WhereSafe {...asked} name={name} />}
    </Modal>
  );
}

function WhereSafe({ name, ...asked }: Asked & { name: string }) {
  const known = useAnswer(
    '/mcp-servers/{id}/secrets/{name}',
    { path: { id: asked.server.id, name } },
    { isWanted: name !== '' },
  );
  if (!isSecureContext) {
    return <Alert color="red">Open this page over https: values cannot be encrypted here.</Alert>;
  }
  if (name !== '' && known.isPending) return <Loading />;
  if (known.isError && !isMissing(known.error)) return <Problem error={known.error} />;
  return <Form {...asked} name={name} known={known.data?.data} />;
}

const NAME = '[A-Za-z][A-Za-z0-9_]{0,127}';
const NAME_RULE = 'A letter, then letters, digits and underscores';

function Form({ server, name: given, known, onStored }: Asked & { name: string; known: SecretDetails | undefined }) {
  const api = useApi();
  const [name, setName] = useState(given);
  const [value, setValue] = useState('');
  const [hosts, setHosts] = useState(known?.hosts ?? []);
  const [overlapSeconds, setOverlapSeconds] = useState(86_400);
  const [isChecked, setChecked] = useState(false);
  const store = useChange({
    // Only the sealed value is passed here, because the input of a change is kept as long as its form.
    change: async (to, { path, sealed }: { path: SecretPath; sealed: Promise<string> }) => {
      if (known === undefined) await refuseKnown(to, path);
      const body = { sealed: await sealed, ...(known === undefined ? {} : { overlapSeconds }) };
      return to.PUT('/mcp-servers/{id}/secrets/{name}', { params: { path }, body });
    },
    outdates: [secretsOf(server), `/mcp-servers/${server.id}/config`],
    onDone: () => onStored(name),
  });
  const missing = useServerConfig(server).data?.data.missingSecrets.find((each) => each.name === name);
  const suggested = [...new Set(known?.uncovered.map(({ host }) => host) ?? missing?.hosts)];
  const wrong = hosts.find((host) => !isSecretHost(host));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (hosts.length === 0 || wrong !== undefined) return;
    const sealed = seal(api, { server: server.id, secret: name }, { value, hosts });
    setValue('');
    store.mutate({ path: { id: server.id, name }, sealed });
  };
  return (
    <form onSubmit={submit} autoComplete="off">
      <Stack>
        {known === undefined ? (
          <TextInput
            label="Name"
            required
            value={name}
            pattern={NAME}
            title={NAME_RULE}
            description={`${NAME_RULE}: API_KEY`}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
            data-autofocus
          />
        ) : undefined}
        <SecretValue value={value} onChange={setValue} />
        <TagsInput
          label="Hosts"
          withAsterisk
          value={hosts}
          splitChars={[',', ' ']}
          description="Hosts to which it may be sent: api.example.com, api.example.com:8443 or *.example.com"
          error={toHostProblem(wrong, isChecked && hosts.length === 0)}
          onChange={(typed) => setHosts([...new Set(typed.map(toSecretHost))])}
        />
        <SuggestedHosts
          hosts={suggested.filter((host) => !hosts.includes(host))}
          add={(host) => setHosts([...hosts, host])}
        />
        {known === undefined ? undefined : (
          <OverlapChoice
            label="Keep the old value"
            description="During this time, a request that the upstream refuses with the new value is tried once with the old one"
            seconds={overlapSeconds}
            onChange={setOverlapSeconds}
          />
        )}
        {known?.isPinned ? (
          <Text size="sm">
            Version {known.version} is pinned. The new value is stored, and used when that version is unpinned.
          </Text>
        ) : undefined}
        {store.isError ? (
          <>
            <Problem error={store.error} />
            <Text size="sm">The value is not kept here. Type it in again.</Text>
          </>
        ) : undefined}
        <Group justify="flex-end">
          <Button type="submit" loading={store.isPending}>
            Encrypt and store
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** A person who wants to create a secret must not overwrite an existing one and its hosts. */
async function refuseKnown(api: ApiClient, path: SecretPath): Promise<void> {
  const found = await api.GET('/mcp-servers/{id}/secrets/{name}', { params: { path } }).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
  if (found === undefined) return;
  const message = 'A secret with this name already exists. Open it in the list to set a new value.';
  throw new ApiError(409, { code: 'conflict', message });
}

function isMissing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

function toHostProblem(wrong: string | undefined, isMissing: boolean): string | undefined {
  if (wrong !== undefined) return `${wrong} is not a host`;
  return isMissing ? 'Name at least one host' : undefined;
}

/**
 * Buttons are used instead of the field's list, which would cover the content below, so that a click there would add a
 * host.
 */
function SuggestedHosts({ hosts, add }: { hosts: string[]; add: (host: string) => void }) {
  if (hosts.length === 0) return undefined;
  return (
    <Group gap="xs">
      <Text size="sm">Tools send it to</Text>
      {hosts.map((host) => (
        <Button key={host} variant="light" size="compact-sm" aria-label={`Add ${host}`} onClick={() => add(host)}>
          {host}
        </Button>
      ))}
    </Group>
  );
}
