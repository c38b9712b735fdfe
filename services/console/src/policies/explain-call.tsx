import { Button, Card, Group, Select, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import type { McpServer } from '@toolplane/api-client';
import { type FormEvent, useState } from 'react';
import { toFormProblems } from '../api/form-problems.ts';
import { useAnswer, useChange } from '../api/use-api.ts';
import { Problem } from '../parts/answers.tsx';
import { FormProblem } from '../parts/form-problem.tsx';
import { toObject } from '../parts/json-object.ts';
import { CallerFields } from './caller-fields.tsx';
import { ExplanationShown } from './explanation-shown.tsx';
import { type AskedCaller, type ExplainRequest, toCaller } from './questioned-call.ts';

const NOTHING_SAID = { key: '', agent: '', username: '', groups: [], claims: '' };

/** The fields, by their names in the request. */
const FIELDS = [
  'tool',
  'arguments',
  'at',
  'caller.key',
  'caller.agent',
  'caller.username',
  'caller.groups',
  'caller.claims',
];

type Question = { body: ExplainRequest; version: number };

/** Asks what would happen to a call. No call is made. */
export function ExplainCall({ server, version }: { server: McpServer; version: number }) {
  const config = useAnswer('/mcp-servers/{id}/config', { path: { id: server.id } });
  const [tool, setTool] = useState<string | null>(null);
  const [caller, setCaller] = useState<AskedCaller>({ kind: server.isPublic ? 'anonymous' : 'key', ...NOTHING_SAID });
  const [callArguments, setArguments] = useState('');
  const [when, setWhen] = useState('');
  const explain = useChange({
    change: async (api, { body }: Question) =>
      (await api.POST('/mcp-servers/{id}/policy/explain', { params: { path: { id: server.id } }, body })).data,
    outdates: [],
  });
  const given = callArguments.trim() === '' ? undefined : toObject(callArguments);
  const areArgumentsWrong = given === undefined && callArguments.trim() !== '';
  const areClaimsWrong = caller.claims.trim() !== '' && toObject(caller.claims) === undefined;
  const body: ExplainRequest = {
    tool: tool ?? '',
    caller: toCaller(caller),
    ...(given === undefined ? {} : { arguments: given }),
    ...(when === '' ? {} : { at: new Date(when).toISOString() }),
  };
  // An answer is shown only for the question and the version of the policy that it is about.
  const isAnswered = JSON.stringify(explain.variables) === JSON.stringify({ body, version });
  const wrongClaims = areClaimsWrong ? { 'caller.claims': 'This is not a JSON object' } : {};
  const { at, rest } = toFormProblems(explain.error, FIELDS);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    explain.mutate({ body, version });
  };
  return (
    <Stack>
      <div>
        <Title order={2} size="h3">
          What would happen to a call
        </Title>
        <Text c="dimmed">Uses the saved policy. Nothing is called, and nothing is counted.</Text>
      </div>
      <Card withBorder component="form" onSubmit={submit} maw={720}>
        <Stack>
          <Select
            label="Tool"
            error={at['tool']}
            required
            searchable
            value={tool}
            onChange={setTool}
            data={config.data?.data.tools.map(({ name }) => name) ?? []}
            nothingFoundMessage="The server offers no such tool"
          />
          <CallerFields caller={caller} problems={{ ...at, ...wrongClaims }} onChange={setCaller} />
          <Textarea
            label="Arguments"
            value={callArguments}
            autosize
            minRows={2}
            spellCheck={false}
            description="A JSON object. Left out: only the defaults of the tool"
            placeholder='{"amount": 5000}'
            onChange={({ currentTarget }) => setArguments(currentTarget.value)}
            error={areArgumentsWrong ? 'This is not a JSON object' : at['arguments']}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          />
          <TextInput
            label="When"
            error={at['at']}
            type="datetime-local"
            value={when}
            maw={260}
            description="Left out: now"
            onChange={({ currentTarget }) => setWhen(currentTarget.value)}
          />
          {config.isError ? <Problem error={config.error} title="The tools cannot be listed" /> : undefined}
          <FormProblem error={explain.error} rest={rest} />
          <Group justify="flex-end">
            <Button
              type="submit"
              variant="default"
              loading={explain.isPending}
              disabled={tool === null || areArgumentsWrong || areClaimsWrong}
            >
              Explain
            </Button>
          </Group>
        </Stack>
      </Card>
      {explain.data === undefined || !isAnswered ? undefined : (
        <ExplanationShown server={server} explanation={explain.data} />
      )}
    </Stack>
  );
}
