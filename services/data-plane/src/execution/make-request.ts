import { AppError } from '@toolplane/contracts';
import type { Scope } from '@toolplane/expressions';
import { matchesHost } from '../egress/host-pattern.ts';
import type { Environment } from './environment.ts';
import { type BuiltRequest, buildRequest } from './requests/build-request.ts';
import type { PreparedRequest } from './requests/prepare-request.ts';
import { checkSecretHosts, type NamedSecret } from './step-secrets.ts';

/** Replaces the URL of a request before its hosts are checked. */
export type EditUrl = (url: URL, sent: readonly NamedSecret[]) => URL;

/** Everything that can be refused is refused here, before a socket is opened. */
export function makeRequest(
  prepared: PreparedRequest,
  runScope: Scope,
  { sent, texts, used, allowedHosts, environment, edit, idempotencyKey }: MakeOptions,
): BuiltRequest {
  const isPlain = sent.length === 0 && texts === undefined;
  const request = buildRequest(prepared, isPlain ? runScope : { ...runScope, secrets: reveal(sent, texts) });
  const { idempotencyHeader } = prepared;
  if (idempotencyHeader !== undefined && idempotencyKey !== undefined) {
    request.headers[idempotencyHeader] = request.parts.headers[idempotencyHeader] = idempotencyKey;
  }
  if (environment !== undefined) request.url = environment.move(request.url);
  if (edit !== undefined) request.url = edit(request.url, sent);
  if (prepared.isHostComputed && !matchesHost(allowedHosts, request.url)) {
    throw new AppError('egress_denied', 'An expression returns a host that this server does not allow');
  }
  checkSecretHosts(sent, used, request);
  return request;
}

/**
 * Where a redirect may lead, besides the host of its request: a server that declares hosts means redirects, too, and a
 * host that the call has chosen must not choose another one. A host that the document fixes may redirect anywhere that
 * the rules of the workspace allow, without headers and body.
 */
export function redirectHostsOf(
  { isHostComputed }: Pick<PreparedRequest, 'isHostComputed'>,
  { allowedHosts }: Pick<MakeOptions, 'allowedHosts'>,
): readonly string[] | undefined {
  return isHostComputed || allowedHosts.length > 0 ? allowedHosts : undefined;
}

export type MakeOptions = {
  /** The secrets that its expressions can name. */
  sent: readonly NamedSecret[];
  /** Values that they can name as well, but that are not secret. */
  texts?: Readonly<Record<string, string>> | undefined;
  /** All secrets that may not go to other hosts. */
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
