import { Alert, Button, Code, Stack, Table, Text, Title } from '@mantine/core';
import type { McpServer, ShownMcpServer } from '@toolplane/api-client';
import { useMay } from '../api/session.ts';
import { useAnswer, useChange } from '../api/use-api.ts';
import { Problem, WhenAnswered } from '../parts/answers.tsx';
import { ChangedMeanwhile } from '../parts/changed-meanwhile.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { CatalogueChoice } from './catalogue-choice.tsx';
import { findNameHere } from './selection.ts';

/** Tools of other servers of the workspace that this server offers in addition to its own. */
export function SelectedToolsTab({ server }: { server: McpServer }) {
  const selection = useAnswer('/mcp-servers/{id}', { path: { id: server.id } });
  return (
    <WhenAnswered answer={selection}>
      {({ data }) => {
        if (server.mode === 'SMART') return <NothingToSelect count={data.selectedTools.length} />;
        return <Selected server={server} selection={data} />;
      }}
    </WhenAnswered>
  );
}

function NothingToSelect({ count }: { count: number }) {
  const kept = count === 0 ? '' : ` The ${count} selected tools are kept for when the server is in mode Normal again.`;
  return (
    <NothingYet>
      There is nothing to select: in mode Smart, agents search all tools of the workspace, and run those that they find.
      {kept}
    </NothingYet>
  );
}

function Selected({ server, selection }: { server: McpServer; selection: ShownMcpServer }) {
  const { selectedTools, version, exposed } = selection;
  const save = useChange({
    change: (api, body: { selectedTools: string[]; version: number }) =>
      api.PATCH('/mcp-servers/{id}', { params: { path: { id: server.id } }, body }),
    outdates: ['/mcp-servers'],
  });
  // For the server of an instance, the connector decides.
  const mayChange = useMay('servers:write') && server.connectorInstanceId === null;
  const select = (slugs: string[]) => save.mutate({ selectedTools: slugs, version });
  const remove = (slug: string) => select(selectedTools.filter((each) => each !== slug));
  // The list already shows the current state.
  const isLate = save.isError && version > save.variables.version;
  return (
    <Stack>
      <Text size="sm" maw={640}>
        Each tool runs as on its own server: with the secrets, the hosts and the connections of that server.
      </Text>
      {exposed.length === 0 ? undefined : <Exposed slugs={exposed} />}
      {isLate ? <ChangedMeanwhile what="the server" /> : undefined}
      {save.isError && !isLate ? <Problem error={save.error} title="Not saved" /> : undefined}
      {selectedTools.length === 0 ? (
        <NothingYet>No tools of other servers are selected.</NothingYet>
      ) : (
        <SelectionTable selection={selection} {...(mayChange ? { remove, isSaving: save.isPending } : {})} />
      )}
      {mayChange ? (
        <Stack gap="sm">
          <Title order={2} size="h4">
            Add from the catalogue
          </Title>
          {server.isPublic ? (
            <Text size="sm">This server is public: anybody can call what you add, without a key.</Text>
          ) : undefined}
          <CatalogueChoice
            server={server}
            selectedTools={selectedTools}
            isSaving={save.isPending}
            add={(slug) => select([...selectedTools, slug])}
          />
        </Stack>
      ) : undefined}
    </Stack>
  );
}

function Exposed({ slugs }: { slugs: string[] }) {
  return (
    <Alert color="orange" title="Anybody can call these without a key">
      This server is public, but the servers of these tools are not:{' '}
      {slugs.map((slug, index) => (
        <span key={slug}>
          {index === 0 ? '' : ', '}
          <Code>{slug}</Code>
        </span>
      ))}
      . They run here with the secrets and the shared connections of their own servers all the same.
    </Alert>
  );
}

type TableParts = { selection: ShownMcpServer; remove?: (slug: string) => void; isSaving?: boolean };

function SelectionTable({ selection, remove, isSaving = false }: TableParts) {
  return (
    <ListTable
      label="Selected tools"
      minWidth={480}
      columns={['Selected tool', 'Name here', remove === undefined ? undefined : 'Actions']}
    >
      {selection.selectedTools.map((slug) => (
        <Table.Tr key={slug}>
          <Table.Th scope="row">
            <Code>{slug}</Code>
          </Table.Th>
          <Table.Td>
            <NameHere selection={selection} slug={slug} />
          </Table.Td>
          {remove === undefined ? undefined : (
            <Table.Td>
              <Button
                variant="default"
                size="xs"
                disabled={isSaving}
                aria-label={`Remove ${slug}`}
                onClick={() => remove(slug)}
              >
                Remove
              </Button>
            </Table.Td>
          )}
        </Table.Tr>
      ))}
    </ListTable>
  );
}

function NameHere({ selection, slug }: { selection: ShownMcpServer; slug: string }) {
  const name = findNameHere(selection, slug);
  if (name !== undefined) return <Code>{name}</Code>;
  const reason = selection.leftOut.find((each) => each.slug === slug)?.reason;
  if (reason !== undefined) return <Text size="sm">Not offered: {reason}</Text>;
  return (
    <Text size="sm">
      Missing: its server does not currently run it. It returns by itself when the server runs it again.
    </Text>
  );
}
