import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { AppError, abilitiesFor, type Command, type InspectedServer, type SealedSecret } from '@toolplane/contracts';
import { inspectionAudience } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import { z } from 'zod';
import { matchesHost } from '../egress/host-pattern.ts';
import { SIGN_IN, toBearer } from '../execution/external/bearer.ts';
import { buildHeaders } from '../execution/external/build-headers.ts';
import { signInNeeded } from '../execution/external/external-tokens.ts';
import { prepareNamed } from '../execution/named-template.ts';
import { createRedactor } from '../execution/redact.ts';
import { formsOfSecret } from '../execution/redacted-forms.ts';
import type { RunServices } from '../execution/run.ts';
import { type NamedSecret, resolveCredentials } from '../execution/step-secrets.ts';
import { RefusedError, toShownError } from '../external-mcp/external-error.ts';
import { inspectServer } from '../external-mcp/inspect-server.ts';
import { readChallenge } from '../external-mcp/oauth/read-challenge.ts';
import type { SealedValues } from '../secrets/sealed-values.ts';

type InspectCommand = Extract<Command, { command: 'inspect_external_server' }>;

const sealedHeadersSchema = z.record(z.string().min(1).max(128), z.string().max(65_536));

/**
 * Lists what an external MCP server declares, for a caller who is about to register the server or checks whether it has
 * changed.
 */
export async function inspectExternalServer(
  command: InspectCommand,
  { tenant: workspaceId, signal }: { tenant: string; signal: AbortSignal },
  { services, sealedValues }: { services: RunServices; sealedValues: Pick<SealedValues, 'openSecret'> },
): Promise<InspectedServer> {
  const url = URL.parse(command.url);
  if (url === null) throw new AppError('invalid_request', 'The URL is not valid');
  const sealed = await readSealedHeaders(command.sealedHeaders, url, (sealed) =>
    sealedValues.openSecret(sealed, inspectionAudience(workspaceId, url.href)),
  );
  const { secrets, ...named } = await readHeaders(command, url, services, signal);
  const { transport, allow = [] } = command;
  const inspect = (token: NamedSecret[]) => {
    const headers = { ...sealed, ...named.headers, ...toBearer(token) };
    const { redact, redactText } = createRedactor([
      ...[...secrets, ...token].map(({ name, value }) => ({ name, forms: formsOfSecret(value) })),
      ...Object.entries(sealed).map(([name, value]) => ({ name, forms: formsOfSecret(new SecretValue(value)) })),
    ]);
    const target = {
      workspaceId,
      url: url.href,
      headers,
      transport,
      era: undefined,
      abilities: abilitiesFor(allow),
      sessionOwner: undefined,
    };
    return inspectServer(services.externalServers, target, { signal, redact }).catch((thrown: unknown) => {
      // The message of an error may contain text from the server, too.
      throw toShownError(thrown, redactText);
    });
  };
  const server = await inspectSignedIn(command, url, { services, signal, inspect });
  return { gzipped: (await gzipBytes(Buffer.from(JSON.stringify(server)))).toString('base64') };
}

/** Uses the token of the sign-in, if there is one, and renews it if the server no longer accepts it. */
async function inspectSignedIn<Result>(
  { signIn }: InspectCommand,
  { href, host }: URL,
  options: { services: RunServices; signal: AbortSignal; inspect(token: NamedSecret[]): Promise<Result> },
): Promise<Result> {
  const { services, signal, inspect } = options;
  const orSignInNeeded = (thrown: unknown) => {
    throw isSignInWanted(thrown) ? signInNeeded({ serverName: host }) : thrown;
  };
  if (signIn === undefined) return inspect([]).catch(orSignInNeeded);
  const target = { ref: signIn, workspaceId: signIn.ownerId, url: href, serverName: host };
  const token = await services.externalTokens.get(target, signal);
  try {
    return await inspect([{ ...token, name: SIGN_IN }]);
  } catch (thrown) {
    if (!(thrown instanceof RefusedError)) throw thrown;
    if (readChallenge(thrown.challenge).error === 'insufficient_scope') {
      await services.externalTokens.storeChallenge(target, thrown.challenge);
      throw signInNeeded(target, ' with more scopes than the current token has');
    }
    if (thrown.status !== 401) throw thrown;
    const other = await services.externalTokens.renew(target, token.value, signal);
    return inspect([{ ...other, name: SIGN_IN }]).catch(orSignInNeeded);
  }
}

/** A refusal is not always about a token: headers can also be wrong. */
function isSignInWanted(thrown: unknown): boolean {
  return thrown instanceof RefusedError && thrown.status === 401 && /^Bearer\b/i.test(thrown.challenge);
}

async function readHeaders(
  { headers, owner }: InspectCommand,
  url: URL,
  services: RunServices,
  signal: AbortSignal,
): Promise<{ headers: Record<string, string>; secrets: NamedSecret[] }> {
  const names = new Set(headers.flatMap(([, template]) => secretNamesOf(template)));
  if (names.size > 0 && owner === undefined) {
    throw new AppError('invalid_request', 'Headers refer to secrets, but no server is named that owns them');
  }
  const secrets =
    owner === undefined
      ? []
      : (await resolveCredentials({ secrets: [...names], tokens: [] }, owner, services, signal)).secrets;
  return { headers: buildHeaders(headers.map(prepareNamed), url, secrets, secrets), secrets };
}

/** Collects the names of the secrets that a template refers to; headers have no other expressions. */
function secretNamesOf(template: unknown): string[] {
  if (typeof template !== 'object' || template === null) return [];
  const { path } = template as { path?: unknown };
  const own = Array.isArray(path) && path[0] === 'secrets' && typeof path[1] === 'string' ? [path[1]] : [];
  return [...own, ...Object.values(template).flatMap(secretNamesOf)];
}

async function readSealedHeaders(
  sealed: string | undefined,
  url: URL,
  open: (sealed: string) => Promise<SealedSecret>,
): Promise<Record<string, string>> {
  if (sealed === undefined) return {};
  const { value, hosts } = await open(sealed);
  if (!matchesHost(hosts, url)) {
    throw new AppError('secret_host_denied', 'The sealed headers may not be sent to this host');
  }
  const headers = parseHeaders(value);
  return Object.fromEntries(Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text]));
}

function parseHeaders(text: string): Record<string, string> {
  try {
    return sealedHeadersSchema.parse(JSON.parse(text));
  } catch {
    throw new AppError('invalid_request', 'The sealed value is not a JSON object of headers');
  }
}

const gzipBytes = promisify<Buffer, Buffer>(gzip);
