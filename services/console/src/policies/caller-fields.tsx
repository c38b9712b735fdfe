import { Select, Stack, TagsInput, Textarea, TextInput } from '@mantine/core';
import type { FormProblems } from '../api/form-problems.ts';
import { useMay } from '../api/session.ts';
import { useActors } from '../parts/names.ts';
import type { AskedCaller } from './questioned-call.ts';

type Parts = { caller: AskedCaller; problems: FormProblems['at']; onChange: (caller: AskedCaller) => void };

const KINDS = [
  { value: 'anonymous', label: 'Somebody without a key or token' },
  { value: 'key', label: 'Somebody with an API key' },
  { value: 'token', label: 'Somebody with a token' },
] as const;

/** The caller, with the fields of its kind. */
export function CallerFields({ caller, problems, onChange }: Parts) {
  const change = (part: Partial<AskedCaller>) => onChange({ ...caller, ...part });
  const { kind, agent, username, groups, claims } = caller;
  const agents = useActors().all.filter((named) => named.kind === 'agent');
  return (
    <Stack>
      <Select
        label="Caller"
        value={kind}
        data={KINDS}
        allowDeselect={false}
        onChange={(value) => change({ kind: KINDS.find((one) => one.value === value)?.value ?? 'anonymous' })}
      />
      {kind === 'key' ? (
        <KeyField value={caller.key} error={problems['caller.key']} onChange={(key) => change({ key })} />
      ) : undefined}
      {kind === 'anonymous' ? undefined : (
        <>
          <Select
            label="Agent"
            error={problems['caller.agent']}
            value={agent === '' ? null : agent}
            searchable
            clearable
            data={agents.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(value) => change({ agent: value ?? '' })}
          />
          <TextInput
            label="User"
            error={problems['caller.username']}
            value={username}
            description="The user in whose name the call is made"
            onChange={({ currentTarget }) => change({ username: currentTarget.value })}
          />
        </>
      )}
      {kind === 'token' ? (
        <>
          <TagsInput
            label="Groups"
            error={problems['caller.groups']}
            value={groups}
            description="Groups in the token; press Enter after each"
            onChange={(value) => change({ groups: value })}
          />
          <Textarea
            label="Claims"
            value={claims}
            autosize
            description="A JSON object"
            placeholder='{"team": ["sales"]}'
            onChange={({ currentTarget }) => change({ claims: currentTarget.value })}
            error={problems['caller.claims']}
          />
        </>
      ) : undefined}
    </Stack>
  );
}

/** People who may not list the keys can type an id. */
function KeyField({
  value,
  error,
  onChange,
}: {
  value: string;
  error: string | undefined;
  onChange: (key: string) => void;
}) {
  const keys = useActors().all.filter((named) => named.kind === 'key');
  const label = 'Key';
  if (!useMay('api-keys:write')) {
    const description = 'Its id. Left out: any key';
    return (
      <TextInput
        label={label}
        description={description}
        error={error}
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value.trim())}
      />
    );
  }
  return (
    <Select
      label={label}
      error={error}
      description="Left out: any key"
      searchable
      clearable
      value={value === '' ? null : value}
      data={keys.map(({ id, name }) => ({ value: id, label: `${name} (${id})` }))}
      onChange={(key) => onChange(key ?? '')}
    />
  );
}
