import { Page } from '../parts/page.tsx';

export function EgressPage() {
  return <Page title="Egress">…</Page>;
}
