import { Button, Collapse, Group, SimpleGrid, Stack } from '@mantine/core';
import { useState } from 'react';
import { type Names, useAgentNames, useKeyNames } from '../parts/names.ts';
import { OUTCOMES } from './call.ts';
import { type FilterName, isNarrowed, UNFILTERED, useCallSearch } from './call-search.ts';
import { FilterChoice } from './filter-choice.tsx';
import { FilterText } from './filter-text.tsx';
import { ServerFilter } from './server-filter.tsx';
import { TimeSpan } from './time-span.tsx';

const OUTCOME_CHOICES = Object.entries(OUTCOMES).map(([value, { label }]) => ({ value, label }));
const FURTHER: readonly FilterName[] = ['code', 'keyId', 'agentId', 'username', 'client', 'minDurationMs', 'analytics'];
const COLUMNS = { base: 2, md: 4 };

export function CallFilters() {
  const { values, change } = useCallSearch();
  const [isWide, setWide] = useState(() => FURTHER.some((name) => values[name] !== undefined));
  return (
    <Stack component="section" aria-label="Filters" gap="sm">
      <SimpleGrid cols={COLUMNS}>
        <ServerFilter />
        <FilterText name="tool" label="Tool" />
        <FilterChoice name="outcome" label="Outcome" choices={OUTCOME_CHOICES} />
        <TimeSpan />
      </SimpleGrid>
      <Collapse expanded={isWide}>{isWide ? <FurtherFilters /> : undefined}</Collapse>
      <Group gap="xs">
        <Button variant="subtle" size="compact-sm" aria-expanded={isWide} onClick={() => setWide(!isWide)}>
          {isWide ? 'Fewer filters' : 'More filters'}
        </Button>
        {isNarrowed(values) ? (
          <Button variant="subtle" size="compact-sm" onClick={() => change(UNFILTERED)}>
            Clear filters
          </Button>
        ) : undefined}
      </Group>
    </Stack>
  );
}

function FurtherFilters() {
  return (
    <SimpleGrid cols={COLUMNS}>
      <FilterText name="code" label="Error code" />
      <FilterChoice name="keyId" label="API key" choices={toChoices(useKeyNames())} />
      <FilterChoice name="agentId" label="Agent" choices={toChoices(useAgentNames())} />
      <FilterText name="username" label="User" />
      <FilterText name="client" label="Client" />
      <FilterText name="minDurationMs" label="Milliseconds, at least" refuse={refuseOtherThanNumber} />
      <FilterText name="analytics" label="Analytics" placeholder="name or name=value" />
    </SimpleGrid>
  );
}

function refuseOtherThanNumber(text: string): string | undefined {
  return /^\d+$/.test(text) ? undefined : 'Enter a number';
}

function toChoices(names: Names) {
  return [...names].map(([value, label]) => ({ value, label }));
}
