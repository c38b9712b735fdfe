import type { ConnectorInstance } from '@toolplane/api-client';
import { useParams } from 'react-router';
import { ApiError } from '../api/api-error.ts';
import { useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';
import { NotHere } from '../layout/not-here.tsx';
import { WhenAnswered } from '../parts/answers.tsx';
import { Page } from '../parts/page.tsx';
import { InstanceConnection } from './instance-connection.tsx';
import { InstanceSettingsTab } from './instance-settings-tab.tsx';
import { InstanceState } from './instance-state.tsx';
import { PageTabs } from './page-tabs.tsx';

export function InstancePage() {
  const { instance: id = '' } = useParams();
  const instance = useAnswer('/connector-instances/{id}', { path: { id } });
  const isNotHere = instance.error instanceof ApiError && instance.error.status === 404;
  if (isNotHere) return <NotHere title="No such instance" />;
  return <WhenAnswered answer={instance}>{({ data }) => <OfInstance key={data.id} instance={data} />}</WhenAnswered>;
}

function OfInstance({ instance }: { instance: ConnectorInstance }) {
  const mayWrite = useMayChange(instance);
  return (
    <Page title={instance.instance_name} about={instance.description} actions={<InstanceState instance={instance} />}>
      <PageTabs
        tabs={[
          { name: 'connection', label: 'Connection', content: <InstanceConnection instance={instance} /> },
          ...(mayWrite
            ? [{ name: 'settings', label: 'Settings', content: <InstanceSettingsTab instance={instance} /> }]
            : []),
        ]}
      />
    </Page>
  );
}

/** A workspace cannot change instances that the organization shares. */
function useMayChange({ workspace }: ConnectorInstance): boolean {
  const mayWrite = useMay('servers:write');
  const mayShare = useMay('connectors:write');
  return mayWrite && (workspace !== null || mayShare);
}
