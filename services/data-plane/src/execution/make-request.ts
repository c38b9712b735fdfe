import { AppError } from '@toolplane/contracts';
import type { Scope } from '@toolplane/expressions';
import { SecretValue } from '@toolplane/service-kit';
import { matchesHost } from '../egress/host-pattern.ts';
import type { Environment } from './environment.ts';
import { maskOf } from './redact.ts';
import { REDACTABLE_LENGTH_MIN } from './redacted-forms.ts';
import { type BuiltRequest, buildRequest } from './requests/build-request.ts';
import type { PreparedRequest } from './requests/prepare-request.ts';
import { checkSecretHosts, type NamedSecret } from './step-secrets.ts';

/** Replaces the URL of a request before its hosts are checked. */
export type EditUrl = (url: URL, sent: readonly NamedSecret[]) => URL;

/**
 * `shown` is the same request with names in place of secrets, even short ones: the only form in which expressions and
 * traces see the request.
 */
export type MadeRequest = BuiltRequest & { shown: BuiltRequest };

/** Everything that can be refused is refused here, before a socket is opened. */
export function makeRequest(prepared: PreparedRequest, runScope: Scope, options: MakeOptions): MadeRequest {
  const { sent, used, allowedHosts } = options;
  const request = assemble(prepared, runScope, options);
  if (prepared.isHostComputed && !matchesHost(allowedHosts, request.url)) {
    throw new AppError('egress_denied', 'An expression returns a host that this server does not allow');
  }
  checkSecretHosts(sent, used, request);
  return { ...request, shown: sent.length === 0 ? request : assembleShown(prepared, runScope, options) };
}

/** A request that can be sent must not fail because of its masks, which are not valid as a port or a URL. */
function assembleShown(prepared: PreparedRequest, runScope: Scope, options: MakeOptions): BuiltRequest {
  if (!options.isShown) return NOTHING_SHOWN;
  const sent = options.sent.map((secret) => ({ ...secret, value: new SecretValue(maskOf(secret.name)) }));
  // A link to the next page may contain secrets in any position, and short ones are not found there.
  const isSearched = options.sent.every(({ value }) => value.reveal().length >= REDACTABLE_LENGTH_MIN);
  const edit = isSearched ? options.edit : undefined;
  try {
    return assemble(prepared, runScope, { ...options, edit, sent, urlIfInvalid: NO_URL });
  } catch {
    return NOTHING_SHOWN;
  }
}

const NO_URL = 'https://masked.invalid/';
const NOTHING_SHOWN: BuiltRequest = {
  url: new URL(NO_URL),
  headers: {},
  body: undefined,
  parts: { url: NO_URL, query: {}, headers: {}, parameters: [], body: null },
};

function assemble(
  prepared: PreparedRequest,
  runScope: Scope,
  { sent, texts, environment, edit, idempotencyKey, urlIfInvalid }: MakeOptions & { urlIfInvalid?: string },
): BuiltRequest {
  const isPlain = sent.length === 0 && texts === undefined;
  const scope = isPlain ? runScope : { ...runScope, secrets: reveal(sent, texts) };
  const request = buildRequest(prepared, scope, urlIfInvalid);
  const { idempotencyHeader } = prepared;
  if (idempotencyHeader !== undefined && idempotencyKey !== undefined) {
    request.headers[idempotencyHeader] = request.parts.headers[idempotencyHeader] = idempotencyKey;
  }
  if (environment !== undefined) request.url = environment.move(request.url);
  if (edit !== undefined) request.url = edit(request.url, sent);
  return request;
}

/**
 * Returns the hosts, besides the host of its request, to which a redirect may lead. A server that declares hosts
 * declares them for redirects, too, and a host that the call has chosen must not choose another one. A host that the
 * document fixes may redirect to any host that the rules of the workspace allow, without headers and body.
 */
export function redirectHostsOf(
  { isHostComputed }: Pick<PreparedRequest, 'isHostComputed'>,
  { allowedHosts }: Pick<MakeOptions, 'allowedHosts'>,
): readonly string[] | undefined {
  return isHostComputed || allowedHosts.length > 0 ? allowedHosts : undefined;
}

export type MakeOptions = {
  /** True if the request is shown to anything besides its upstream. */
  isShown: boolean;
  /** The secrets that the expressions of the request can name. */
  sent: readonly NamedSecret[];
  /** Values that the expressions can name as well, but that are not secret. */
  texts?: Readonly<Record<string, string>> | undefined;
  /** All secrets that must not be sent to hosts other than their own. */
  used: Iterable<NamedSecret>;
  allowedHosts: readonly string[];
  environment?: Environment | undefined;
  edit?: EditUrl | undefined;
  idempotencyKey?: string | undefined;
};

function reveal(secrets: readonly NamedSecret[], texts: MakeOptions['texts']): Record<string, string> {
  const revealed: Record<string, string> = Object.assign(Object.create(null), texts);
  for (const { name, value } of secrets) revealed[name] = value.reveal();
  return revealed;
}
