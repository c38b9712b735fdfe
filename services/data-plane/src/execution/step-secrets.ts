import { AppError, type Plan } from '@toolplane/contracts';
import type { SecretCache } from '../secrets/secret-cache.ts';
import type { Secret } from '../secrets/secret-store.ts';
import { matchesHost } from './host-pattern.ts';

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

/** The hosts were sealed together with the value, so nobody who writes documents can widen them. */
export function checkSecretHosts(secrets: readonly NamedSecret[], url: URL): void {
  for (const { name, hosts } of secrets) {
    if (matchesHost(hosts, url)) continue;
    throw new AppError('secret_host_denied', `The secret ${name} may not be sent to the host of this request`);
  }
}
