import { useMay } from '../api/session.ts';
import { Page } from '../parts/page.tsx';
import { ConnectorList } from './connector-list.tsx';
import { InstanceList } from './instance-list.tsx';
import { PageTabs } from './page-tabs.tsx';
import { RegisterConnector } from './register-connector.tsx';

export function ConnectorsPage() {
  const mayRegister = useMay('connectors:write');
  return (
    <Page
      title="Connectors"
      about="A connector describes an API once. Its instances are MCP servers whose tools are the operations of that API."
    >
      <PageTabs
        tabs={[
          { name: 'connectors', label: 'Connectors', content: <ConnectorList /> },
          { name: 'instances', label: 'Instances', content: <InstanceList /> },
          ...(mayRegister
            ? [{ name: 'register', label: 'Register', content: <RegisterConnector />, isKept: true }]
            : []),
        ]}
      />
    </Page>
  );
}
