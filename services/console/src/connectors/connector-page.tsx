import { Alert } from '@mantine/core';
import type { ConnectorDetail } from '@toolplane/api-client';
import { useParams } from 'react-router';
import { ApiError } from '../api/api-error.ts';
import { useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';
import { NotHere } from '../layout/not-here.tsx';
import { WhenAnswered } from '../parts/answers.tsx';
import { Page } from '../parts/page.tsx';
import { ConnectorOverview } from './connector-overview.tsx';
import { ConnectorTools } from './connector-tools.tsx';
import { ConnectorVersions } from './connector-versions.tsx';
import { InstanceList } from './instance-list.tsx';
import { NewInstance } from './new-instance.tsx';
import { PageTabs } from './page-tabs.tsx';

export function ConnectorPage() {
  const { slug = '' } = useParams();
  const connector = useAnswer('/connectors/{slug}', { path: { slug } });
  // An invalid slug is refused by the API, and does not exist either.
  const isNotHere = connector.error instanceof ApiError && [400, 404].includes(connector.error.status);
  if (isNotHere) return <NotHere title="No such connector" />;
  return (
    <WhenAnswered answer={connector}>{({ data }) => <OfConnector key={data.slug} connector={data} />}</WhenAnswered>
  );
}

function OfConnector({ connector }: { connector: ConnectorDetail }) {
  const { slug, name, description, active_version: activeVersion } = connector;
  const mayWrite = useMay('servers:write');
  return (
    <Page
      title={name}
      about={description}
      actions={mayWrite && activeVersion !== null ? <NewInstance connector={connector} /> : undefined}
    >
      {activeVersion === null ? (
        <Alert color="orange">
          All versions are deprecated: no new instances can be created, and existing ones keep running.
        </Alert>
      ) : undefined}
      <PageTabs
        tabs={[
          { name: 'about', label: 'About', content: <ConnectorOverview connector={connector} /> },
          {
            name: 'tools',
            label: `Tools (${connector.tools.length})`,
            content: <ConnectorTools connector={connector} />,
          },
          { name: 'versions', label: 'Versions', content: <ConnectorVersions slug={slug} /> },
          { name: 'instances', label: 'Instances', content: <InstanceList connector={slug} /> },
        ]}
      />
    </Page>
  );
}
