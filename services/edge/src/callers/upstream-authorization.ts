import type { IncomingHttpHeaders } from 'node:http';
import { AppError, type Manifest } from '@toolplane/contracts';
import type { Target } from '../manifests/hosted-server.ts';

const AUTHORIZATION = /^[\x20-\x7e]{1,16384}$/;

/**
 * Reads the user's own credentials for the tool's API from `X-Upstream-Authorization`. A model chooses the tool, but
 * must not choose who receives them. At the server that declares the tool, the recipient is clear. Anywhere else,
 * `X-Upstream-Toolkit` has to name the toolkit, and tools of other toolkits do not receive them. `unnamed` decides
 * about a request that names none.
 */
export function readUpstreamAuthorization(
  { 'x-upstream-authorization': authorization, 'x-upstream-toolkit': named }: IncomingHttpHeaders,
  { serverId }: Pick<Manifest, 'serverId'>,
  target: Partial<Pick<Target, 'serverId' | 'toolkit'>>,
  { unnamed }: { unnamed: 'refuse' | 'ignore' },
): string | undefined {
  if (authorization === undefined) return undefined;
  if (typeof authorization !== 'string' || !AUTHORIZATION.test(authorization)) {
    const rule = '1 to 16,384 visible ASCII characters and spaces';
    throw new AppError('invalid_request', `x-upstream-authorization must have ${rule}`);
  }
  const { toolkit } = target;
  const isOwn = target.serverId === undefined || target.serverId === serverId;
  if (named !== undefined && toolkit !== undefined) return named === toolkit ? authorization : undefined;
  if (isOwn) return authorization;
  if (unnamed === 'ignore') return undefined;
  const example = toolkit === undefined ? '' : `, such as ${toolkit}`;
  throw new AppError(
    'invalid_request',
    `At a server that offers tools of others, x-upstream-authorization requires x-upstream-toolkit: the toolkit that it is for${example}`,
  );
}
