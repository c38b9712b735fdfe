import { Autocomplete, Button, Group, Select, SimpleGrid, TextInput } from '@mantine/core';
import type { FormEvent } from 'react';
import { useHere, useMay } from '../api/session.ts';
import { toLocal } from '../parts/local-time.ts';
import { useActors } from '../parts/names.ts';
import { type AuditSearch, FILTERS } from './audit-filter.ts';

type Parts = {
  filter: AuditSearch;
  /** Choices that currently exist. */
  actions: string[];
  onChange: (filter: AuditSearch) => void;
};

/** Typed values apply when the form is submitted, so that the URL describes what is shown. */
export function AuditFilterForm({ filter, actions, onChange }: Parts) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget);
    onChange(Object.fromEntries(FILTERS.flatMap((name) => toGiven(name, String(typed.get(name) ?? '').trim()))));
  };
  return (
    <form onSubmit={submit} aria-label="Filter entries">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
        <ActorChoice actorId={filter.actorId} />
        <Autocomplete
          name="action"
          label="Action"
          data={actions}
          {...(filter.action === undefined ? {} : { defaultValue: filter.action })}
        />
        <Autocomplete
          name="outcome"
          label="Outcome"
          data={['done', 'forbidden', 'conflict', 'invalid_request']}
          {...(filter.outcome === undefined ? {} : { defaultValue: filter.outcome })}
        />
        <Select
          name="kind"
          label="Kind"
          clearable
          placeholder="Everything that has ended"
          data={[
            { value: 'ended', label: 'Changes' },
            { value: 'event', label: 'Events' },
            { value: 'begun', label: 'Starts of changes' },
          ]}
          defaultValue={filter.kind ?? null}
        />
        {useMay('workspaces:write') ? <WorkspaceChoice workspaceId={filter.workspaceId} /> : undefined}
        <TextInput name="from" label="From" type="datetime-local" defaultValue={toLocal(filter.from)} />
        <TextInput name="to" label="To" type="datetime-local" defaultValue={toLocal(filter.to)} />
        <Group align="end">
          <Button type="submit" variant="default">
            Show
          </Button>
          <Button variant="subtle" onClick={() => onChange({})}>
            Clear filters
          </Button>
        </Group>
      </SimpleGrid>
    </form>
  );
}

function ActorChoice({ actorId }: { actorId: string | undefined }) {
  const known = useActors().all.map(({ id, name, kind }) => ({ value: id, label: `${name} (${kind})` }));
  const isKnown = actorId === undefined || known.some(({ value }) => value === actorId);
  return (
    <Select
      name="actorId"
      label="Who"
      searchable
      clearable
      data={isKnown ? known : [{ value: actorId, label: actorId }, ...known]}
      defaultValue={actorId ?? null}
    />
  );
}

function WorkspaceChoice({ workspaceId }: { workspaceId: string | undefined }) {
  const { session, place } = useHere();
  const ofOrganization = session.workspaces.filter((one) => one.organizationId === place.organizationId);
  return (
    <Select
      name="workspaceId"
      label="Workspace"
      clearable
      placeholder="All, and the organization"
      data={ofOrganization.map((one) => ({ value: one.workspaceId, label: one.workspaceName }))}
      defaultValue={workspaceId ?? null}
    />
  );
}

function toGiven(name: (typeof FILTERS)[number], text: string): [string, string][] {
  if (text === '') return [];
  return [[name, name === 'from' || name === 'to' ? new Date(text).toISOString() : text]];
}
