import type { IncomingMessage } from 'node:http';
import { toolScopes } from '@toolplane/contracts';
import type { Api } from '@toolplane/service-kit/http';
import type { Principal } from '../platform/principals/principal.ts';
import type { AuthorizationServer } from './authorization-server.ts';
import { COOKIE_OF_SESSION, PATHS } from './provider.ts';

const PATH = '/oauth';

/** Routes that clients and browsers use without a key, except the consent page. */
export function addAuthorizationServer(
  api: Api<Principal>,
  { handle, registrations }: Pick<AuthorizationServer, 'handle' | 'registrations'>,
): void {
  // RFC 8414 puts the path of the issuer last. OpenID Connect puts it first, which the routes below cover.
  for (const name of ['oauth-authorization-server', 'openid-configuration']) {
    api.app.all(`/.well-known/${name}${PATH}`, (req, res) => {
      req.url = `/.well-known/${name}`;
      handle(req, res);
    });
  }
  api.app.use(`${PATH}${PATHS.registration}`, async (req, res, next) => {
    // Clients in browsers register as well, without sending cookies.
    res.set({ 'access-control-allow-origin': '*', 'access-control-allow-headers': 'content-type' });
    if (req.method === 'OPTIONS') return void res.status(204).end();
    await registrations.admit(req);
    next();
  });
  api.app.use(`${PATH}${PATHS.authorization}`, (req, _res, next) => {
    beginAnew(req);
    next();
  });
  api.app.use(PATH, (req, res) => handle(req, res));
}

/**
 * Determines the person anew each time, from the session of the control plane: if somebody else has signed in with this
 * browser since, the browser must not continue as the previous person. If a request names no scope, the person sees all
 * scopes and decides.
 */
function beginAnew(req: IncomingMessage): void {
  const url = new URL(req.url ?? '', 'http://here.invalid');
  if (url.pathname !== '/') return;
  dropCookie(req, COOKIE_OF_SESSION);
  if (url.searchParams.get('scope')) return;
  url.searchParams.set('scope', toolScopes.join(' '));
  req.url = `/${url.search}`;
}

function dropCookie({ headers }: IncomingMessage, name: string): void {
  if (headers.cookie === undefined) return;
  const others = headers.cookie.split(';').filter((part) => !part.trim().startsWith(`${name}=`));
  headers.cookie = others.join(';');
}
