import { Page } from '../parts/page.tsx';

export function ExternalUsersPage() {
  return <Page title="Users">…</Page>;
}
