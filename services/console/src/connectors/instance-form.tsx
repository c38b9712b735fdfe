import { Button, Checkbox, Group, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core';
import type { ConnectorDetail, ConnectorField, ConnectorInstance } from '@toolplane/api-client';
import type { FormEvent, ReactNode } from 'react';
import { toFormProblems } from '../api/form-problems.ts';
import { useMay } from '../api/session.ts';
import { DiagnosticList } from '../documents/diagnostic-list.tsx';
import { FormProblem } from '../parts/form-problem.tsx';
import { wordsOf } from './connector.ts';
import { DeclaredInput } from './declared-input.tsx';
import { toInstanceProblems } from './instance-problems.ts';
import { readForm } from './read-form.ts';

/** The body of a request that creates or changes an instance, without its connector. */
export type InstanceSettings = Pick<
  ConnectorInstance,
  'instance_name' | 'description' | 'auth_type' | 'configuration'
> & { workspace?: null };

type Parts = {
  connector: ConnectorDetail;
  /** The instance to change. Absent for a new one. */
  instance?: ConnectorInstance;
  button: ReactNode;
  change: { mutate: (settings: InstanceSettings) => void; isPending: boolean; error: Error | null };
};

export function InstanceForm({ connector, instance, button, change }: Parts) {
  const mayShare = useMay('connectors:write');
  const { configuration } = connector;
  const problems = toInstanceProblems(change.error, configuration);
  const { atFields } = problems;
  const undeclared = [...Object.keys(instance?.configuration ?? {}), ...problems.missingKeys];
  const fields = [...configuration, ...toFields(undeclared, configuration)];
  const { rest } = toFormProblems(change.error, Object.keys(atFields));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    change.mutate(readSettings(event.currentTarget, fields));
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          name="instance_name"
          label="Name"
          required
          error={atFields['instance_name']}
          defaultValue={instance?.instance_name ?? ''}
          autoComplete="off"
          data-autofocus
        />
        <Textarea
          name="description"
          label="Description"
          error={atFields['description']}
          autosize
          minRows={2}
          defaultValue={instance?.description ?? ''}
        />
        <NativeSelect
          name="auth_type"
          label="How it signs in"
          error={atFields['auth_type']}
          description="Operations with another authentication are not tools of the instance"
          data={toChoices(connector)}
          {...(instance === undefined ? {} : { defaultValue: instance.auth_type })}
        />
        {fields.map((field) => (
          <DeclaredInput
            key={field.key}
            field={field}
            name={`configuration.${field.key}`}
            error={atFields[`configuration.${field.key}`]}
            value={instance?.configuration[field.key]?.toString()}
          />
        ))}
        {instance === undefined && mayShare ? (
          <Checkbox
            name="is_shared"
            label="For all workspaces of the organization"
            description="Servers of every workspace can offer its tools. Its own server is in this workspace"
          />
        ) : undefined}
        <FormProblem error={change.error} rest={rest} title="Not saved" />
        <DiagnosticList diagnostics={problems.others} />
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending}>
            {button}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function toFields(keys: string[], declared: readonly ConnectorField[]): ConnectorField[] {
  return [...new Set(keys)]
    .filter((key) => !declared.some((field) => field.key === key))
    .map((key) => ({ key, field_type: 'string', required: false }));
}

function toChoices({ authentication }: ConnectorDetail) {
  const choices = authentication.map((way) => ({ value: way.id, label: `${way.id}: ${wordsOf(way)}` }));
  const none = { value: 'none', label: 'none: without credentials' };
  return choices.some(({ value }) => value === none.value) ? choices : [...choices, none];
}

function readSettings(form: HTMLFormElement, fields: readonly ConnectorField[]): InstanceSettings {
  const { instance_name = '', description = null, auth_type = 'none', is_shared } = readForm(form, '');
  const types = new Map(fields.map(({ key, field_type }) => [key, field_type]));
  const configuration = Object.entries(readForm(form, 'configuration.')).map(([key, text]) => [
    key,
    toValue(text, types.get(key)),
  ]);
  return {
    instance_name,
    description,
    auth_type,
    configuration: Object.fromEntries(configuration),
    ...(is_shared === undefined ? {} : { workspace: null }),
  };
}

/** A text that is not a number is sent unchanged, because the API says what is wrong with it. */
function toValue(text: string, type: string | undefined): string | number | boolean {
  if (type === 'boolean') return text === 'true';
  return type === 'number' && Number.isFinite(Number(text)) ? Number(text) : text;
}
