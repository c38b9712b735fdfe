import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { AgentsPage } from './agents/agents-page.tsx';
import { sessionQuery } from './api/session-query.ts';
import { ApiKeysPage } from './api-keys/api-keys-page.tsx';
import { ApprovalsPage } from './approvals/approvals-page.tsx';
import { AuditPage } from './audit/audit-page.tsx';
import { CallsPage } from './calls/calls-page.tsx';
import { ConnectorPage } from './connectors/connector-page.tsx';
import { ConnectorsPage } from './connectors/connectors-page.tsx';
import { InstancePage } from './connectors/instance-page.tsx';
import { EgressPage } from './egress/egress-page.tsx';
import { ExternalUsersPage } from './external-users/external-users-page.tsx';
import { NotHere } from './layout/not-here.tsx';
import { Workspace } from './layout/workspace.tsx';
import { MembersPage } from './members/members-page.tsx';
import { Loading, Problem } from './parts/answers.tsx';
import { ServerPage } from './server-page.tsx';
import { ServersPage } from './servers/servers-page.tsx';

/** All pages of the console. The workspace is part of the path, so that a link leads everybody to the same place. */
export function App() {
  const session = useQuery(sessionQuery);
  const personId = session.data?.person.id;
  const [firstId, setFirstId] = useState(personId);
  if (firstId === undefined && personId !== undefined) setFirstId(personId);
  // Somebody else has signed in from another window and must not see or use the earlier data.
  useEffect(() => {
    if (firstId !== undefined && personId !== firstId) location.assign('/console/');
  }, [firstId, personId]);
  // Pages stay visible while the platform does not respond for a moment.
  if (session.data === undefined) return session.isError ? <Problem error={session.error} /> : <Loading />;
  if (firstId !== undefined && personId !== firstId) return <Loading />;
  const [first] = session.data.workspaces;
  if (first === undefined) {
    return <NotHere title="No workspace">You are not a member of any workspace. Somebody has to invite you.</NotHere>;
  }
  return (
    <Routes>
      <Route index element={<Navigate to={`/${first.workspaceId}/servers`} replace />} />
      <Route path=":workspaceId" element={<Workspace session={session.data} />}>
        <Route index element={<Navigate to="servers" replace />} />
        <Route path="servers" element={<ServersPage />} />
        <Route path="servers/:server/:tab?" element={<ServerPage />} />
        <Route path="connectors" element={<ConnectorsPage />} />
        <Route path="connectors/:slug" element={<ConnectorPage />} />
        <Route path="instances/:instance" element={<InstancePage />} />
        <Route path="calls" element={<CallsPage />} />
        <Route path="approvals" element={<ApprovalsPage />} />
        <Route path="api-keys" element={<ApiKeysPage />} />
        <Route path="agents" element={<AgentsPage />} />
        <Route path="external-users" element={<ExternalUsersPage />} />
        <Route path="egress" element={<EgressPage />} />
        <Route path="members" element={<MembersPage />} />
        <Route path="audit-log" element={<AuditPage />} />
        <Route path="*" element={<NotHere title="No such page" />} />
      </Route>
    </Routes>
  );
}
