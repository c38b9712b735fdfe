import { Select, Stack, TextInput } from '@mantine/core';
import type { CredentialScope } from '@toolplane/contracts';
import { useAnswer } from '../api/use-api.ts';
import { SCOPES, type Whose } from './credential.ts';

type Parts = {
  /** The scopes that can be chosen. */
  scopes: readonly CredentialScope[];
  whose: Whose;
  /** What the API says about the user or the agent. */
  error: string | undefined;
  onChange: (whose: Whose) => void;
};

/** Fields for the callers for whom credentials are used. */
export function WhoseFields({ scopes, whose, error, onChange }: Parts) {
  const { scope, subject } = whose;
  const choose = (chosen: string | null) => {
    const scope = scopes.find((each) => each === chosen);
    if (scope !== undefined) onChange({ scope, subject: '' });
  };
  return (
    <Stack>
      <Select
        label="For"
        value={scope}
        allowDeselect={false}
        onChange={choose}
        data={scopes.map((each) => ({ value: each, label: SCOPES[each] }))}
      />
      {scope === 'agent' ? (
        <AgentChoice agent={subject} error={error} onChange={(agent) => onChange({ scope, subject: agent })} />
      ) : undefined}
      {scope === 'user' ? (
        <TextInput
          label="User"
          required
          error={error}
          value={subject}
          autoComplete="off"
          spellCheck={false}
          description="The name in the header x-username; project_default_user stands for everyone who calls with a key and names nobody"
          onChange={({ currentTarget }) => onChange({ scope, subject: currentTarget.value })}
        />
      ) : undefined}
    </Stack>
  );
}

type AgentParts = { agent: string; error: string | undefined; onChange: (agent: string) => void };

function AgentChoice({ agent, error, onChange }: AgentParts) {
  const agents = useAnswer('/agents', { query: { limit: 100 } });
  return (
    <Select
      label="Agent"
      required
      searchable
      error={error}
      value={agent === '' ? null : agent}
      description="The agent whose keys make the calls"
      nothingFoundMessage="No agent matches"
      data={(agents.data?.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      onChange={(chosen) => onChange(chosen ?? '')}
    />
  );
}
