import { Page } from '../parts/page.tsx';

export function ConnectorPage() {
  return <Page title="Connector">…</Page>;
}
