import { AppError } from '@toolplane/contracts';
import { toSecretRef } from '@toolplane/sealing';
import type { Run, RunServices } from '../run.ts';
import type { NamedSecret } from '../step-secrets.ts';
import { type ChosenCredential, chooseCredential } from './choose-credential.ts';
import { type NamedFields, nameFields } from './name-fields.ts';
import type { PreparedAuthentication, PreparedConnection } from './prepare-connection.ts';
import { type OwnToken, readOwnToken } from './read-own-token.ts';
import { readSubjectToken } from './read-subject-token.ts';

/** The credentials that the requests of a step carry. */
export type ConnectionCredentials = {
  /** The secrets that templates can name, in addition to `texts`. */
  secrets: readonly NamedSecret[];
  texts: NamedFields['texts'] | undefined;
  /** The secrets that came from an upstream: a token, and the values of chains. */
  derived: readonly NamedSecret[];
  chosen: ChosenCredential | undefined;
  own: OwnToken | undefined;
  /** The token that the caller sent to be exchanged. */
  subject: NamedSecret | undefined;
};

const nothing: ConnectionCredentials = {
  secrets: [],
  derived: [],
  texts: undefined,
  chosen: undefined,
  own: undefined,
  subject: undefined,
};

/**
 * A user's own token takes precedence over everything stored; nothing is fetched with it, and nothing of it outlives
 * the call. If the token is exchanged instead, the stored credentials are those of the client that may exchange it.
 */
export async function resolveConnection(connection: PreparedConnection, run: Run): Promise<ConnectionCredentials> {
  const { authentication } = connection;
  if (authentication === undefined) return nothing;
  const { call, services, prepared } = run;
  const { upstreamAuthorization } = call.caller;
  const isExchanged = authentication.token?.grant === 'token_exchange';
  if (upstreamAuthorization !== undefined && !isExchanged) {
    const own = readOwnToken(connection, authentication, upstreamAuthorization);
    maskInRun(run, [own.token, ...own.parts]);
    return { ...nothing, secrets: [own.token], texts: authentication.defaults, own };
  }
  const subject = isExchanged ? readSubjectToken(connection, upstreamAuthorization) : undefined;
  if (subject !== undefined) maskInRun(run, [subject]);
  const { workspaceId } = prepared.plan;
  const chosen = await chooseCredential(connection, authentication, { call, workspaceId }, services.secrets);
  const fields = nameFields(connection, authentication, chosen);
  maskInRun(run, fields.secrets);
  const derived: NamedSecret[] = [];
  const token = await findToken(authentication, { workspaceId, chosen, fields, subject }, services);
  if (token !== undefined) derived.push(token);
  for (const chain of authentication.chains) {
    const secrets = [...fields.secrets, ...derived];
    const { ref, stored } = chosen;
    const { allowedHosts } = prepared.plan;
    const { texts } = fields;
    derived.push(...(await services.chains.get({ workspaceId, chain, ref, stored, secrets, texts, allowedHosts })));
  }
  maskInRun(run, derived);
  const secrets = [...fields.secrets, ...derived];
  return { chosen, derived, secrets, subject, texts: fields.texts, own: undefined };
}

/** From now on, these values are masked in everything that leaves the run. */
function maskInRun({ secretsUsed }: Run, secrets: readonly NamedSecret[]): void {
  for (const secret of secrets) secretsUsed.set(secret.value, secret);
}

type TokenSource = Pick<ConnectionCredentials, 'subject'> & {
  workspaceId: string;
  chosen: ChosenCredential;
  fields: NamedFields;
};

async function findToken(
  { token }: PreparedAuthentication,
  { workspaceId, chosen, fields, subject }: TokenSource,
  { tokens, grants, exchange }: RunServices,
): Promise<NamedSecret | undefined> {
  if (token === undefined) return undefined;
  const { ref, stored } = chosen;
  const { hosts, version } = stored;
  if (token.grant === 'authorization_code') {
    const value = await grants.getAccessToken({ workspaceId, ref, secret: stored, token });
    return { name: 'access_token', value, hosts, version };
  }
  const id = fields.values.get('client_id')?.reveal();
  const value = fields.values.get('client_secret');
  if (id === undefined || value === undefined) throw new AppError('internal', 'A token is requested without a client');
  if (subject !== undefined) {
    const client = { id, secret: value };
    const need = { workspaceId, token, ref, client, stored: { hosts, version }, subject: subject.value };
    return { name: 'access_token', value: await exchange.get(need), hosts, version };
  }
  const need = { workspaceId, tokenUrl: token.tokenUrl, scopes: token.scopes, client: { id, auth: token.clientAuth } };
  return { ...(await tokens.get(need, { value, hosts, version }, toSecretRef(ref))), name: 'access_token' };
}
