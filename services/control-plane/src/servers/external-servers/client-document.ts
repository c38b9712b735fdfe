import type { Api } from '@toolplane/service-kit/http';
import type { Principal } from '../../platform/principals/principal.ts';
import { CALLBACK_PATH } from '../../platform/sign-in-state.ts';

const PATH = '/oauth-client.json';

/**
 * The URL of the platform's client metadata (OAuth Client ID Metadata Document), which makes a registration
 * unnecessary. Undefined if authorization servers could not read it: they use only https.
 */
export function clientDocumentUrl(publicUrl: string): string | undefined {
  return publicUrl.startsWith('https:') ? `${publicUrl}${PATH}` : undefined;
}

/** Anybody may read it: it contains nothing that a sign-in does not show. */
export function addClientDocument(api: Api<Principal>, { publicUrl }: { publicUrl: string }): void {
  const url = clientDocumentUrl(publicUrl);
  if (url === undefined) return;
  const document = {
    client_id: url,
    client_name: 'Toolplane',
    client_uri: publicUrl,
    redirect_uris: [`${publicUrl}${CALLBACK_PATH}`],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'web',
  };
  api.app.get(PATH, (_req, res) => {
    res.set('cache-control', 'public, max-age=300').json(document);
  });
}
