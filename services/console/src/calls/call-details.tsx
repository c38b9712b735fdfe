import { Anchor, Code, Drawer, Stack, Table, Text } from '@mantine/core';
import type { Call } from '@toolplane/api-client';
import type { ReactNode } from 'react';
import { Link, useParams } from 'react-router';
import { ApiError } from '../api/api-error.ts';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { CallerName } from '../parts/caller-name.tsx';
import { useServerNames } from '../parts/names.ts';
import { OUTCOMES } from './call.ts';
import { useCallSearch } from './call-search.ts';
import { OutcomeOf } from './outcome.tsx';
import { TimeSplit } from './time-split.tsx';

/** All details of the call in the address, next to the list. */
export function CallDetails() {
  const { values, change } = useCallSearch();
  const id = values.call;
  return (
    <Drawer
      opened={id !== undefined}
      position="right"
      size="lg"
      title="Call"
      onClose={() => change({ call: undefined })}
    >
      {id === undefined ? undefined : <OneCall id={id} />}
    </Drawer>
  );
}

function OneCall({ id }: { id: string }) {
  const call = useAnswer('/calls/{id}', { path: { id } });
  if (call.error instanceof ApiError && call.error.status === 404) {
    return <Text>This call does not exist. Calls are kept only for a limited time.</Text>;
  }
  return <WhenAnswered answer={call}>{({ data }) => <Known call={data} />}</WhenAnswered>;
}

const SOURCES: Record<string, string> = {
  direct: 'Called directly',
  execute_tools: 'Through the meta tools of a server in mode Smart',
  task: 'As a task',
  debug: 'In a debug session',
};

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });
const count = new Intl.NumberFormat('en');

function Known({ call }: { call: Call }) {
  const { client, analytics = {}, traceId, traceUrl } = call;
  return (
    <Stack gap="lg">
      <div>
        <Text fw={600} size="lg" mb="xs">
          {call.tool}
        </Text>
        <OutcomeOf call={call} />
        {call.outcome === 'done' ? <Text size="xs">{OUTCOMES.done.meaning}</Text> : undefined}
      </div>
      <TimeSplit call={call} />
      <Fields
        rows={[
          ['ID', <Code key="id">{call.id}</Code>],
          ['Began', exact.format(new Date(call.startedAt))],
          ['Duration', `${count.format(call.durationMs)} ms`],
          ['Server', <ServerLink key="server" id={call.serverId} />],
          ['Server of the tool', call.originId && <ServerLink key="origin" id={call.originId} />],
          ['Kind', call.kind],
          ['Source', SOURCES[call.source] ?? call.source],
          ['Caller', <CallerName key="caller" caller={call.caller} />],
          ['Credential', call.caller.id && <Code key="credential">{call.caller.id}</Code>],
          ['Client', client && [client.name, client.version].filter(Boolean).join(' ')],
          ['Protocol version', call.protocolVersion],
          ['Sent to a worker', toBytes(call.requestBytes)],
          ['Answered by the worker', toBytes(call.responseBytes)],
          ['Trace', traceId && <Trace key="trace" id={traceId} url={traceUrl} />],
        ]}
      />
      {Object.keys(analytics).length === 0 ? undefined : (
        <section aria-label="Analytics">
          <Text fw={600}>Analytics</Text>
          <Fields rows={Object.entries(analytics).map(([name, value]) => [name, String(value)])} />
        </section>
      )}
    </Stack>
  );
}

function Fields({ rows }: { rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <Table variant="vertical" layout="fixed">
      <Table.Tbody>
        {rows
          .filter(([, value]) => value !== undefined && value !== '')
          .map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th w={150} scope="row">
                {name}
              </Table.Th>
              <Table.Td>{value}</Table.Td>
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  );
}

function ServerLink({ id }: { id: string }) {
  const { workspaceId } = useParams();
  const name = useServerNames().get(id);
  // An unknown server may have been deleted, and then has no page.
  if (name === undefined) return <Code>{id}</Code>;
  return (
    <Anchor component={Link} to={`/${workspaceId}/servers/${id}`} size="sm">
      {name}
    </Anchor>
  );
}

function Trace({ id, url }: { id: string; url: string | undefined }) {
  if (url === undefined) return <Code>{id}</Code>;
  return (
    <Anchor href={url} target="_blank" rel="noreferrer" size="sm">
      Open the trace
    </Anchor>
  );
}

function toBytes(bytes: number | undefined): string | undefined {
  return bytes === undefined ? undefined : `${count.format(bytes)} bytes`;
}
