import { Select, Stack, TextInput } from '@mantine/core';
import { useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';
import { SCOPES, type Scope, type Whose } from './credential.ts';

const ORDER: readonly Scope[] = ['workspace', 'organization', 'agent', 'user'];

type Parts = {
  whose: Whose;
  onChange: (whose: Whose) => void;
};

/** For whose calls credentials are. */
export function WhoseFields({ whose, onChange }: Parts) {
  const mayShare = useMay('connectors:write');
  const scopes = ORDER.filter((scope) => scope !== 'organization' || mayShare);
  const { scope, subject } = whose;
  const choose = (chosen: string | null) => {
    const scope = scopes.find((each) => each === chosen);
    if (scope !== undefined) onChange({ scope, subject: '' });
  };
  return (
    <Stack>
      <Select
        {...{ label: 'For', value: scope, allowDeselect: false, onChange: choose }}
        data={scopes.map((each) => ({ value: each, label: SCOPES[each] }))}
      />
      {scope === 'agent' ? (
        <AgentChoice agent={subject} onChange={(agent) => onChange({ scope, subject: agent })} />
      ) : undefined}
      {scope === 'user' ? (
        <TextInput
          {...{ label: 'User', required: true, value: subject, autoComplete: 'off', spellCheck: false }}
          description="As the header x-username names them; project_default_user is everybody who calls with a key and names nobody"
          onChange={({ currentTarget }) => onChange({ scope, subject: currentTarget.value })}
        />
      ) : undefined}
    </Stack>
  );
}

type AgentParts = { agent: string; onChange: (agent: string) => void };

function AgentChoice({ agent, onChange }: AgentParts) {
  const agents = useAnswer<{ id: string; name: string }[]>('/agents', { limit: 100 });
  return (
    <Select
      {...{ label: 'Agent', required: true, searchable: true, value: agent === '' ? null : agent }}
      description="Whose keys call"
      nothingFoundMessage="There is no such agent"
      data={(agents.data?.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      onChange={(chosen) => onChange(chosen ?? '')}
    />
  );
}
