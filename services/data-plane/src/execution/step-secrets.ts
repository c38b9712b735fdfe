import { AppError, type Plan } from '@toolplane/contracts';
import type { SecretCache } from '../secrets/secret-cache.ts';
import type { Secret } from '../secrets/secret-store.ts';
import type { BuiltRequest } from './build-request.ts';
import { matchesHost } from './host-pattern.ts';
import { formsOfSecret } from './redact.ts';

export type NamedSecret = Secret & { name: string };

export function resolveSecrets(
  names: readonly string[],
  { workspaceId, serverId }: Pick<Plan, 'workspaceId' | 'serverId'>,
  secrets: Pick<SecretCache, 'get'>,
  signal: AbortSignal,
): Promise<NamedSecret[]> {
  const found = Promise.all(
    names.map(async (name) => {
      const secret = await secrets.get({ workspaceId, serverId, name });
      if (secret === undefined) throw new AppError('secret_missing', `The secret ${name} is not set`);
      return { ...secret, name };
    }),
  );
  return untilAborted(found, signal);
}

/** A store that hangs must not outlast the call; the read itself goes on, for the calls that follow. */
async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * The hosts were sealed together with the value, so nobody who writes documents can widen them. `used` are all secrets
 * of the run: an upstream may have echoed one that this request does not name.
 */
export function checkSecretHosts(
  secrets: readonly NamedSecret[],
  used: Iterable<NamedSecret>,
  request: BuiltRequest,
): void {
  for (const secret of used) {
    if (matchesHost(secret.hosts, request.url)) continue;
    if (!secrets.includes(secret) && !holdsSecret(request, secret)) continue;
    throw new AppError('secret_host_denied', `The secret ${secret.name} may not be sent to the host of this request`);
  }
}

/** Looks before and after encoding: a form of the value can be lost by either. */
function holdsSecret({ url, headers, body = '', parts }: BuiltRequest, { value }: NamedSecret): boolean {
  const texts = [url.href, body, ...Object.values(headers), JSON.stringify(parts)];
  return formsOfSecret(value).some((form) => texts.some((text) => text.includes(form)));
}
