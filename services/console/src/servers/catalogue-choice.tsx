import { Button, Code, Stack, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Pager } from '../parts/pager.tsx';
import type { CatalogueTool } from './catalogue-tool.ts';
import type { McpServer } from './server.ts';

type Parts = { server: McpServer; selectedTools: string[]; add: (slug: string) => void; isSaving: boolean };

/** The tools of the workspace, of which single ones are added to a server. */
export function CatalogueChoice({ server, selectedTools, add, isSaving }: Parts) {
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, 250);
  const [page, setPage] = useState(1);
  const tools = useAnswer<CatalogueTool[]>('/tools', { q, page, limit: 20 });
  return (
    <Stack gap="sm">
      <TextInput
        {...{ placeholder: 'Search', value: typed, maw: 360, maxLength: 200 }}
        aria-label="Search the catalogue"
        onChange={({ currentTarget }) => {
          setTyped(currentTarget.value);
          setPage(1);
        }}
      />
      <WhenAnswered answer={tools}>
        {({ data }) => (
          <>
            {data.length === 0 ? (
              <NothingYet>{q === '' ? 'The catalogue has no tools yet.' : 'No tool matches.'}</NothingYet>
            ) : (
              <ToolTable {...{ tools: data, server, selectedTools, add, isSaving }} />
            )}
            <Pager answer={tools} page={page} onPage={setPage} />
          </>
        )}
      </WhenAnswered>
    </Stack>
  );
}

function ToolTable({ tools, server, selectedTools, add, isSaving }: Parts & { tools: CatalogueTool[] }) {
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Tool</Table.Th>
            <Table.Th>Writes</Table.Th>
            <Table.Th>Credentials</Table.Th>
            <Table.Th>Change</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tools.map((tool) => (
            <Table.Tr key={tool.slug}>
              <Table.Td>
                <Code>{tool.slug}</Code>
                <Text size="sm" c="dimmed" lineClamp={2}>
                  {tool.description}
                </Text>
              </Table.Td>
              <Table.Td>{tool.read_only ? 'no, it reads' : 'yes'}</Table.Td>
              <Table.Td>{CONNECTIONS[tool.connection]}</Table.Td>
              <Table.Td>
                {reasonAgainst(tool, server, selectedTools) ?? (
                  <Button
                    {...{ variant: 'default', size: 'xs', disabled: isSaving, 'aria-label': `Add ${tool.slug}` }}
                    onClick={() => add(tool.slug)}
                  >
                    Add
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const CONNECTIONS = {
  active: 'connected',
  not_connected: 'callers bring their own',
  not_required: 'none needed',
} as const;

function reasonAgainst({ slug, server }: CatalogueTool, here: McpServer, selected: string[]): string | undefined {
  if (selected.includes(slug)) return 'selected';
  if (server === null) return 'in another workspace';
  return server.id === here.id ? 'of this server' : undefined;
}
