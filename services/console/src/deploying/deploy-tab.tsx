import { Alert, Anchor } from '@mantine/core';
import type { McpServer } from '@toolplane/api-client';
import { Link, useParams } from 'react-router';
import { useMay } from '../api/session.ts';
import { Loading, Problem } from '../parts/answers.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { DeployedDocument } from './deployed-document.tsx';
import { DocumentDraft } from './document-draft.tsx';
import { useStart } from './use-start.ts';

/** The document of a server, or a reference to where it is managed. */
export function DeployTab({ server }: { server: McpServer }) {
  if (server.connectorInstanceId !== null) return <OfInstance id={server.connectorInstanceId} />;
  return <OfServer key={server.id} server={server} />;
}

function OfInstance({ id }: { id: string }) {
  const { workspaceId } = useParams();
  return (
    <Alert title="This server belongs to a connector instance">
      What it declares comes from the connector, and is managed at{' '}
      <Anchor component={Link} inherit to={`/${workspaceId}/instances/${id}`}>
        the instance
      </Anchor>
      .
    </Alert>
  );
}

function OfServer({ server }: { server: McpServer }) {
  const mayWrite = useMay('servers:write');
  const { start, error } = useStart(server);
  if (start === undefined) return error === null ? <Loading /> : <Problem error={error} title="This cannot be shown" />;
  if (mayWrite) return <DocumentDraft server={server} start={start} />;
  if (start.deploymentId === null) return <NothingYet>Nothing is deployed yet.</NothingYet>;
  return <DeployedDocument definition={start.definition} references={start.references} fetched={start.fetched} />;
}
