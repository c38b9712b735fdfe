import { AppError } from '@toolplane/contracts';
import { toSecretRef } from '@toolplane/sealing';
import type { Run, RunTools } from '../run.ts';
import type { NamedSecret } from '../step-secrets.ts';
import { type ChosenCredential, chooseCredential } from './choose-credential.ts';
import { type NamedFields, nameFields } from './name-fields.ts';
import type { PreparedAuthentication, PreparedConnection } from './prepare-connection.ts';
import { type OwnToken, readOwnToken } from './read-own-token.ts';

/** What the requests of a step carry. */
export type ConnectionCredentials = {
  /** Templates can name these and the texts. */
  secrets: readonly NamedSecret[];
  texts: NamedFields['texts'] | undefined;
  /** Those of the secrets that were got from an upstream: a token, and what chains gave. */
  derived: readonly NamedSecret[];
  chosen: ChosenCredential | undefined;
  own: OwnToken | undefined;
};

const nothing: ConnectionCredentials = {
  ...{ secrets: [], derived: [] },
  ...{ texts: undefined, chosen: undefined, own: undefined },
};

/** A user's own token goes before all that is stored; nothing is got with it, and nothing of it outlives the call. */
export async function resolveConnection(connection: PreparedConnection, run: Run): Promise<ConnectionCredentials> {
  const { authentication } = connection;
  if (authentication === undefined) return nothing;
  const { call, tools, prepared } = run;
  const { upstreamAuthorization } = call.caller;
  if (upstreamAuthorization !== undefined) {
    const own = readOwnToken(connection, authentication, upstreamAuthorization);
    return { ...nothing, secrets: [own.token], texts: authentication.defaults, own };
  }
  const { workspaceId } = prepared.plan;
  const chosen = await chooseCredential(connection, authentication, { call, workspaceId }, tools.secrets);
  const fields = nameFields(connection, authentication, chosen);
  const derived: NamedSecret[] = [];
  const token = await findToken(authentication, { chosen, fields }, tools);
  if (token !== undefined) derived.push(token);
  for (const chain of authentication.chains) {
    const secrets = [...fields.secrets, ...derived];
    const { ref, stored } = chosen;
    const { allowedHosts } = prepared.plan;
    derived.push(...(await tools.chains.get({ chain, ref, stored, secrets, texts: fields.texts, allowedHosts })));
  }
  return { ...{ chosen, derived }, secrets: [...fields.secrets, ...derived], texts: fields.texts, own: undefined };
}

async function findToken(
  { token }: PreparedAuthentication,
  { chosen, fields }: { chosen: ChosenCredential; fields: NamedFields },
  { tokens, grants }: RunTools,
): Promise<NamedSecret | undefined> {
  if (token === undefined) return undefined;
  const { ref, stored } = chosen;
  const { hosts, version } = stored;
  if (token.grant === 'authorization_code') {
    const value = await grants.getAccessToken({ ref, secret: stored, token });
    return { name: 'access_token', value, hosts, version };
  }
  const id = fields.values.get('client_id')?.reveal();
  const value = fields.values.get('client_secret');
  if (id === undefined || value === undefined) throw new AppError('internal', 'A token is asked for without a client');
  const need = { tokenUrl: token.tokenUrl, scopes: token.scopes, client: { id, auth: token.clientAuth } };
  return { ...(await tokens.get(need, { value, hosts, version }, toSecretRef(ref))), name: 'access_token' };
}
