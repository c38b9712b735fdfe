import { Tabs } from '@mantine/core';
import type { McpServer } from '@toolplane/api-client';
import type { ComponentType } from 'react';
import { useNavigate, useParams } from 'react-router';
import { ApiError } from './api/api-error.ts';
import { type PersonPermission, useHere } from './api/session.ts';
import { useAnswer } from './api/use-api.ts';
import { ConnectTab } from './connecting/connect-tab.tsx';
import { TryTab } from './debugging/try-tab.tsx';
import { DeployTab } from './deploying/deploy-tab.tsx';
import { DeploymentsTab } from './deploying/deployments-tab.tsx';
import { ExternalTab } from './external/external-tab.tsx';
import { NotHere } from './layout/not-here.tsx';
import { WhenAnswered } from './parts/answers.tsx';
import { Page } from './parts/page.tsx';
import { StateBadge } from './parts/state-badge.tsx';
import { TabList } from './parts/tab-list.tsx';
import { PolicyTab } from './policies/policy-tab.tsx';
import { SecretsTab } from './secrets/secrets-tab.tsx';
import { SelectedToolsTab } from './servers/selected-tools-tab.tsx';
import { stateOf } from './servers/server.ts';
import { SettingsTab } from './servers/settings-tab.tsx';
import { ToolsTab } from './tools/tools-tab.tsx';

type Tab = { path: string; label: string; Content: ComponentType<{ server: McpServer }>; needs?: PersonPermission };

/** `needs` is the permission without which the tab is of no use. */
const TABS: readonly Tab[] = [
  { path: 'tools', label: 'Tools', Content: ToolsTab },
  { path: 'try', label: 'Try', Content: TryTab, needs: 'debug:write' },
  { path: 'connect', label: 'Connect', Content: ConnectTab },
  { path: 'deploy', label: 'Document', Content: DeployTab },
  { path: 'deployments', label: 'Deployments', Content: DeploymentsTab },
  { path: 'external', label: 'External servers', Content: ExternalTab },
  { path: 'selected-tools', label: 'Selected tools', Content: SelectedToolsTab },
  { path: 'secrets', label: 'Secrets', Content: SecretsTab },
  { path: 'policy', label: 'Policy', Content: PolicyTab },
  { path: 'settings', label: 'Settings', Content: SettingsTab, needs: 'servers:write' },
];

/** One server. Each tab has a path of its own. */
export function ServerPage() {
  const { server: id = '' } = useParams();
  const server = useAnswer('/mcp-servers/{id}', { path: { id } });
  if (server.error instanceof ApiError && server.error.status === 404) return <NotHere title="No such server" />;
  return <WhenAnswered answer={server}>{({ data }) => <OfServer key={data.id} server={data} />}</WhenAnswered>;
}

function OfServer({ server }: { server: McpServer }) {
  const { workspaceId, tab: asked } = useParams();
  const navigate = useNavigate();
  const { permissions } = useHere().place;
  const tabs = TABS.filter(({ needs }) => needs === undefined || permissions.includes(needs));
  const tab = (tabs.find(({ path }) => path === asked) ?? tabs[0])?.path ?? null;
  return (
    <Page title={server.name} about={server.description} actions={<StateBadge state={stateOf(server)} />}>
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(path) => navigate(`/${workspaceId}/servers/${server.id}/${path}`)}
      >
        <TabList tabs={tabs.map(({ path, label }) => ({ name: path, label }))} open={tab} />
        {tabs.map(({ path, Content }) => (
          <Tabs.Panel key={path} value={path}>
            <Content server={server} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
