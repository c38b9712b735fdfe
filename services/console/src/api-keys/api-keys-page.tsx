import { useSearchParams } from 'react-router';
import { useMay } from '../api/session.ts';
import { Page } from '../parts/page.tsx';
import { KeyList } from './key-list.tsx';
import { NewKey } from './new-key.tsx';
import { ShownKey } from './shown-key.tsx';

/** `?key=<id>` shows a single key. */
export function ApiKeysPage() {
  const shown = useSearchParams()[0].get('key');
  return shown === null ? <AllKeys /> : <ShownKey key={shown} id={shown} />;
}

function AllKeys() {
  const mayWrite = useMay('api-keys:write');
  return (
    <Page
      title="API keys"
      about="For agents and other programs. Give each its own key, with no more access than it needs."
      actions={mayWrite ? <NewKey /> : undefined}
    >
      <KeyList />
    </Page>
  );
}
