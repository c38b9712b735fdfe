/*
 * A chain is a sign-in of several requests. The values that it extracts from the responses are secrets like any other,
 * and are kept for a while for all calls of a workspace with the same credentials.
 */
import { AppError, type CredentialRef } from '@toolplane/contracts';
import { toText } from '@toolplane/expressions';
import { toSecretRef } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import type { HttpClient, UpstreamResponse } from '../../egress/http-client.ts';
import { UpstreamError } from '../../egress/upstream-error.ts';
import { createDerivedCache } from '../../secrets/derived-cache.ts';
import { type Secret, secretPath } from '../../secrets/secret-store.ts';
import { yieldToEventLoop } from '../../yield-to-event-loop.ts';
import type { Environment } from '../environment.ts';
import { budgetFor } from '../evaluation-budget.ts';
import { makeRequest, redirectHostsOf } from '../make-request.ts';
import { parseBody } from '../parse-body.ts';
import type { BuiltRequest } from '../requests/build-request.ts';
import { NO_SCOPE } from '../requests/build-request.ts';
import type { NamedSecret } from '../step-secrets.ts';
import type { NamedFields } from './name-fields.ts';
import type { PreparedChain } from './prepare-connection.ts';

const REQUEST_MS_MAX = 10_000;
const VALUE_LENGTH_MAX = 16_384;
/** The statuses that mean that the credentials are not valid. */
const REFUSALS = new Set([400, 401, 403]);

/**
 * `secrets` are the secrets that the requests of the chain can name in addition to the values that its own steps have
 * extracted.
 */
export type ChainNeed = {
  /** The workspace whose egress rules apply. */
  workspaceId: string;
  chain: PreparedChain;
  ref: CredentialRef;
  stored: Secret;
  secrets: readonly NamedSecret[];
  texts: NamedFields['texts'];
  allowedHosts: readonly string[];
  environment?: Environment;
};

export type ChainCache = {
  get(need: ChainNeed): Promise<NamedSecret[]>;
  /** Called when an upstream has refused one of these values: the next use signs in again, at most every 30 s. */
  expire(values: readonly NamedSecret[]): void;
};

export function createChainCache({
  client,
  now = Date.now,
}: {
  client: Pick<HttpClient, 'send'>;
  now?: () => number;
}): ChainCache {
  const signIns = createDerivedCache<NamedSecret[]>(now);
  return {
    async get(need) {
      const { workspaceId, chain, ref, stored, environment } = need;
      // Workspaces that share credentials have separate rules and limits, so that no workspace waits for the sign-in of
      // another.
      const key = `${workspaceId} ${secretPath(toSecretRef(ref))} ${chain.digest} ${environment?.key ?? ''}`;
      const values = await signIns.get(key, stored, async () => {
        return { value: await runChain(need, client), freshMs: chain.ttlMs };
      });
      const { hosts, version } = stored;
      return values.map(({ name, value }) => ({ name, value, hosts, version }));
    },
    expire(refused) {
      const isRefused = new Set(refused.map(({ value }) => value));
      signIns.expire((values) => values.some(({ value }) => isRefused.has(value)));
    },
  };
}

async function runChain(need: ChainNeed, client: Pick<HttpClient, 'send'>): Promise<NamedSecret[]> {
  const { chain, secrets, texts, allowedHosts, environment } = need;
  const extracted: NamedSecret[] = [];
  for (const [index, step] of chain.steps.entries()) {
    const sent = [...secrets, ...extracted];
    const options = { isShown: false, sent, texts, used: sent, allowedHosts, environment };
    const request = makeRequest(step.request, NO_SCOPE, options);
    const response = await send(client, step.request, request, need);
    if (response.status < 200 || response.status > 299) {
      const code = REFUSALS.has(response.status) ? 'credentials_refused' : 'upstream_bad_response';
      throw signInFailed(chain, `its request ${index + 1} was answered with status ${response.status}`, code);
    }
    const since = performance.now();
    extracted.push(...extract(need, step, response));
    await yieldToEventLoop(since);
  }
  return extracted;
}

/** Errors are not thrown as `UpstreamError`, because the request of the step itself was not sent. */
async function send(
  client: Pick<HttpClient, 'send'>,
  prepared: PreparedChain['steps'][number]['request'],
  { url, headers, body }: BuiltRequest,
  { workspaceId, chain, allowedHosts }: ChainNeed,
): Promise<UpstreamResponse> {
  const { method, returnsRedirects } = prepared;
  try {
    return await client.send({
      workspaceId,
      url,
      headers,
      method,
      returnsRedirects,
      redirectHosts: redirectHostsOf(prepared, { allowedHosts }),
      timeoutMs: REQUEST_MS_MAX,
      ...(body === undefined ? {} : { body }),
      // Many calls share the request, so none of them may abort it.
      signal: new AbortController().signal,
    });
  } catch (thrown) {
    if (!(thrown instanceof UpstreamError)) throw thrown;
    throw signInFailed(chain, thrown.message, thrown.code);
  }
}

function extract(
  { chain, stored: { hosts, version } }: ChainNeed,
  step: PreparedChain['steps'][number],
  { status, headers, body }: UpstreamResponse,
): NamedSecret[] {
  const response = {
    status,
    headers: { ...headers } as Record<string, string>,
    body: parseBody(body, headers['content-type']) ?? null,
  };
  const budget = budgetFor(
    'upstream_bad_response',
    `The values that the sign-in ${chain.id} extracts are far too large`,
  );
  return step.extract.map(([name, evaluate]) => {
    const found = evaluate({ ...NO_SCOPE, response }, budget) ?? '';
    const text = typeof found === 'object' ? '' : toText(found, budget);
    if (text === '' || text.length > VALUE_LENGTH_MAX) {
      throw signInFailed(chain, `its answer has no usable value for ${name}`);
    }
    return { name: `chain.${name}`, value: new SecretValue(text), hosts, version };
  });
}

function signInFailed(
  { id }: PreparedChain,
  reason: string,
  code: AppError['code'] = 'upstream_bad_response',
): AppError {
  return new AppError(code, `The sign-in ${id} failed: ${reason}`);
}
