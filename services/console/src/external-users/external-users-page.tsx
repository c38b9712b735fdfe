import { useSearchParams } from 'react-router';
import { ExternalUserList } from './external-user-list.tsx';
import { ExternalUserPage } from './external-user-page.tsx';

/** `?user=<id>` shows a single user. */
export function ExternalUsersPage() {
  const id = useSearchParams()[0].get('user');
  return id === null ? <ExternalUserList /> : <ExternalUserPage key={id} id={id} />;
}
