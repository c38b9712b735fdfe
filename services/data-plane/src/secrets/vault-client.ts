/*
 * Besides egress/, this is the only code that opens an outgoing socket: to the store of the operator, by the operator's
 * settings. No document, call or customer determines the address, so the guards for customers' traffic do not apply
 * here.
 */
import { AppError } from '@toolplane/contracts';
import type { SecretValue } from '@toolplane/service-kit';
import got, { HTTPError } from 'got';

const RETRY_STATUSES = [412, 429, 500, 502, 503, 504];
const RETRIES_MAX = 2;
const RETRY_MS = 100;

export type VaultSettings = {
  address: string;
  namespace?: string | undefined;
  /** The certificate authorities in PEM, used instead of those that Node knows. */
  certificateAuthority?: string | undefined;
  requestMs?: number | undefined;
};

export type VaultRequest = { method: 'GET' | 'POST' | 'DELETE'; path: string; token?: SecretValue; json?: object };

/** `body` is undefined if the response has none, or if it is not JSON. */
export type VaultAnswer = { status: number; body: unknown };

export type VaultClient = (request: VaultRequest) => Promise<VaultAnswer>;

/** Reads are retried if Vault is busy, sealed or does not respond; changes are not. */
export function createVaultClient({ requestMs = 3000, ...settings }: VaultSettings): VaultClient {
  const client = got.extend({
    prefixUrl: new URL('/v1', settings.address),
    headers: {
      'user-agent': 'toolplane',
      // Without this header, an agent of Vault may refuse the request: it shows that the request does not come from a
      // browser or from SSRF.
      'x-vault-request': 'true',
      ...(settings.namespace === undefined ? {} : { 'x-vault-namespace': settings.namespace }),
    },
    followRedirect: false,
    timeout: { connect: 2000, request: requestMs },
    retry: {
      limit: RETRIES_MAX,
      methods: ['GET'],
      statusCodes: RETRY_STATUSES,
      calculateDelay: ({ attemptCount, computedValue }) => (computedValue === 0 ? 0 : attemptCount * RETRY_MS),
    },
    ...(settings.certificateAuthority === undefined
      ? {}
      : { https: { certificateAuthority: settings.certificateAuthority } }),
  });

  return async ({ method, path, token, json }) => {
    const headers = token === undefined ? {} : { 'x-vault-token': token.reveal() };
    try {
      const { statusCode, body } = await client(path, { method, headers, ...(json === undefined ? {} : { json }) });
      return { status: statusCode, body: parseJson(body) };
    } catch (error) {
      if (error instanceof HTTPError)
        return { status: error.response.statusCode, body: parseJson(error.response.body) };
      throw unavailable(`Vault cannot be reached: ${codeOf(error)}`);
    }
  };
}

/**
 * The client's own errors contain the request, and with it the token, so only texts that are known to be harmless are
 * passed on.
 */
export function unavailable(reason: string): AppError {
  return new AppError('secret_unavailable', 'The secret store cannot be used', {
    // The cause is one of our errors, because the log leaves out the messages of others.
    cause: new AppError('secret_unavailable', reason),
  });
}

/** After a retry, Node's own errors also arrive unwrapped. */
function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : 'a bug';
}

function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
