import type { IncomingHttpHeaders } from 'node:http';
import { AppError, type ToolCall, usernamePattern } from '@toolplane/contracts';
import type { Target } from '../manifests/hosted-server.ts';
import type { Principal } from './principal.ts';
import { readRequestConfig } from './request-config.ts';

const AUTHORIZATION = /^[\x20-\x7e]{1,16384}$/;

/**
 * What the data plane is told of the caller. Of tools that use a connection also who it is, because that decides whose
 * credentials are used; of others the headers about that are not even looked at.
 */
export function readCaller(
  { headers, principal }: { headers: IncomingHttpHeaders; principal: Principal },
  { usesConnection }: Pick<Target, 'usesConnection'>,
): ToolCall['caller'] {
  const config = readRequestConfig(headers);
  if (!usesConnection) return { config };
  const username = readUsername(headers, principal);
  const upstreamAuthorization = readUpstreamAuthorization(headers);
  return {
    config,
    ...(username === undefined ? {} : { username }),
    ...(principal.kind === 'anonymous' ? {} : { agentId: principal.keyId }),
    ...(upstreamAuthorization === undefined ? {} : { upstreamAuthorization }),
  };
}

/** Node joins a repeated header with a comma, which no name has. */
function readUsername({ 'x-username': username }: IncomingHttpHeaders, principal: Principal): string | undefined {
  if (username === undefined) return undefined;
  // Whoever has no key could call with the credentials of any user.
  if (principal.kind === 'anonymous') throw new AppError('invalid_request', 'x-username needs an API key besides');
  if (typeof username === 'string' && usernamePattern.test(username)) return username;
  throw new AppError('invalid_request', 'x-username is sent once: 1 to 255 letters, digits and . _ @ + - of ASCII');
}

function readUpstreamAuthorization({
  'x-upstream-authorization': authorization,
}: IncomingHttpHeaders): string | undefined {
  if (authorization === undefined) return undefined;
  if (typeof authorization === 'string' && AUTHORIZATION.test(authorization)) return authorization;
  const rule = '1 to 16,384 visible characters and spaces of ASCII';
  throw new AppError('invalid_request', `x-upstream-authorization has ${rule}`);
}
