import { AppError, type Plan, type SecretRef } from '@toolplane/contracts';
import { matchesHost } from '../egress/host-pattern.ts';
import type { Secret } from '../secrets/secret-store.ts';
import type { PreparedStep } from './prepare-plan.ts';
import { formsOfSecret } from './redacted-forms.ts';
import type { BuiltRequest } from './requests/build-request.ts';
import type { RunServices } from './run.ts';

export type NamedSecret = Secret & { name: string };

/**
 * The credentials of a step. `clients` are the secrets with which its tokens are requested; they are not sent to its
 * upstream.
 */
export type StepCredentials = Record<'secrets' | 'clients' | 'tokens', NamedSecret[]>;

const nothing: StepCredentials = { secrets: [], clients: [], tokens: [] };

export async function resolveCredentials(
  step: Pick<PreparedStep, 'secrets' | 'tokens'>,
  owner: Pick<Plan, 'workspaceId' | 'serverId'>,
  services: Pick<RunServices, 'secrets' | 'tokens'>,
  signal: AbortSignal,
): Promise<StepCredentials> {
  if (step.secrets.length === 0 && step.tokens.length === 0) return nothing;
  const resolve = (name: string) => getSecret({ ...refOf(owner), name }, services.secrets);
  const secrets = Promise.all(step.secrets.map(resolve));
  const granted = Promise.all(
    step.tokens.map(async (need) => {
      const client = await resolve(need.secret);
      const token = await services.tokens.get(need, client, { ...refOf(owner), name: client.name });
      return { client, token: { ...token, name: need.name } };
    }),
  );
  const [resolved, pairs] = await untilAborted(Promise.all([secrets, granted]), signal);
  return { secrets: resolved, clients: pairs.map(({ client }) => client), tokens: pairs.map(({ token }) => token) };
}

function refOf({ workspaceId, serverId }: Pick<Plan, 'workspaceId' | 'serverId'>) {
  return { workspaceId, serverId };
}

async function getSecret(ref: SecretRef, secrets: RunServices['secrets']): Promise<NamedSecret> {
  const secret = await secrets.get(ref);
  if (secret === undefined) throw new AppError('secret_missing', `The secret ${ref.name} is not set`);
  return { ...secret, name: ref.name };
}

/** A store that hangs must not outlast the call; the read itself continues, for later calls. */
export async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * The hosts were sealed together with the value, so an author of documents cannot extend them. `used` contains all
 * secrets of the run: an upstream may have echoed one that this request does not name.
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

/** Searches the request before and after encoding, because either can hide a form of the value. */
function holdsSecret({ url, headers, body = '', parts }: BuiltRequest, { value }: NamedSecret): boolean {
  const bodyText = typeof body === 'string' ? body : body.toString();
  const texts = [url.href, bodyText, ...Object.values(headers), JSON.stringify(parts)];
  return formsOfSecret(value).some((form) => texts.some((text) => text.includes(form)));
}
