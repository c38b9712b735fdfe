import { Button, Code, Stack, Table, Text } from '@mantine/core';
import type { CatalogueTool, McpServer } from '@toolplane/api-client';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Pager } from '../parts/pager.tsx';
import { SearchField } from '../parts/search-field.tsx';
import { useList } from '../parts/use-list.ts';

type Parts = { server: McpServer; selectedTools: string[]; add: (slug: string) => void; isSaving: boolean };

/** The tools of the workspace, which can be added to a server one by one. */
export function CatalogueChoice({ server, selectedTools, add, isSaving }: Parts) {
  const list = useList();
  const { q, page } = list;
  const tools = useAnswer('/tools', { query: { q, page, limit: 20 } });
  return (
    <Stack gap="sm">
      <SearchField label="Search the catalogue" list={list} />
      <WhenAnswered answer={tools}>
        {({ data }) => (
          <>
            {data.length === 0 ? (
              <NothingYet>{q === '' ? 'The catalogue has no tools yet.' : 'No tool matches.'}</NothingYet>
            ) : (
              <ToolTable tools={data} server={server} selectedTools={selectedTools} add={add} isSaving={isSaving} />
            )}
            <Pager answer={tools} list={list} />
          </>
        )}
      </WhenAnswered>
    </Stack>
  );
}

function ToolTable({ tools, server, selectedTools, add, isSaving }: Parts & { tools: CatalogueTool[] }) {
  return (
    <ListTable label="Catalogue" minWidth={720} columns={['Tool', 'Server', 'Writes', 'Credentials', 'Actions']}>
      {tools.map((tool) => (
        <Table.Tr key={tool.slug}>
          <Table.Th scope="row">
            <Code>{tool.slug}</Code>
            <Text size="sm" c="dimmed" lineClamp={2}>
              {tool.description}
            </Text>
          </Table.Th>
          <Table.Td miw="9rem">{tool.server?.slug ?? 'of the organization'}</Table.Td>
          <Table.Td>{tool.read_only ? 'no, read-only' : 'yes'}</Table.Td>
          <Table.Td>{CONNECTIONS[tool.connection]}</Table.Td>
          <Table.Td>
            {reasonAgainst(tool, server, selectedTools) ?? (
              <Button
                variant="default"
                size="xs"
                disabled={isSaving}
                aria-label={`Add ${tool.slug}`}
                onClick={() => add(tool.slug)}
              >
                Add
              </Button>
            )}
          </Table.Td>
        </Table.Tr>
      ))}
    </ListTable>
  );
}

const CONNECTIONS = {
  active: 'connected',
  not_connected: 'callers bring their own',
  not_required: 'none needed',
} as const;

function reasonAgainst({ slug, server }: CatalogueTool, here: McpServer, selected: string[]): string | undefined {
  if (selected.includes(slug)) return 'selected';
  return server?.id === here.id ? 'of this server' : undefined;
}
