import {
  AppError,
  type ConnectionReport,
  type CredentialRef,
  DEFAULT_USERNAME,
  toUserSubject,
} from '@toolplane/contracts';
import type { Run } from '../run.ts';
import { type ChosenCredential, chooseCredential } from './choose-credential.ts';
import { nameFields } from './name-fields.ts';
import type { PreparedAuthentication, PreparedConnection } from './prepare-connection.ts';
import { readOwnToken } from './read-own-token.ts';

const LABEL_LENGTH_MAX = 100;

/** Reports whether a call of this caller would have credentials, as far as this is known without sending anything. */
export async function reportConnection(run: Run): Promise<ConnectionReport> {
  const { connection } = run.prepared;
  if (connection === undefined)
    throw new AppError('internal', 'The plan reports a connection that it does not contain');
  const { authentication } = connection;
  if (authentication === undefined) return { status: 'no_auth_required' };
  const report = await readStatus(connection, authentication, run);
  if (run.call.arguments['link'] !== true) return report;
  return { ...report, link: await sealLink(connection, authentication, run, report) };
}

async function readStatus(
  connection: PreparedConnection,
  authentication: PreparedAuthentication,
  { call, prepared, services }: Run,
): Promise<ConnectionReport> {
  const { upstreamAuthorization } = call.caller;
  const isExchanged = authentication.token?.grant === 'token_exchange';
  if (isExchanged && upstreamAuthorization === undefined) return { status: 'requires_parameters' };
  if (!isExchanged && upstreamAuthorization !== undefined) {
    readOwnToken(connection, authentication, upstreamAuthorization);
    return { status: 'active' };
  }
  try {
    const { workspaceId } = prepared.plan;
    const chosen = await chooseCredential(connection, authentication, { call, workspaceId }, services.secrets);
    const { scope } = chosen.ref;
    nameFields(connection, authentication, chosen);
    const status = hasEnded(chosen, services.clock.now()) ? 'expired' : 'active';
    return { status, scope, ...labelOf(authentication, chosen) };
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== 'credentials_missing') throw thrown;
    const { fields } = thrown.details as { fields?: string[] };
    return fields === undefined
      ? { status: 'not_connected' }
      : { status: 'requires_parameters', missingFields: fields };
  }
}

/** Returns whether the credentials have expired and cannot be renewed. */
function hasEnded({ credential: { grant } }: ChosenCredential, nowMs: number): boolean {
  return grant !== undefined && grant.refreshToken === undefined && (grant.expiresAt ?? Infinity) <= nowMs;
}

/** Uses the first field that is not secret; the id of a client does not say whose credentials they are. */
function labelOf({ fields }: PreparedAuthentication, { credential }: ChosenCredential): { label?: string } {
  const shown = fields.filter(({ key, isSecret }) => !isSecret && key !== 'client_id');
  const [label] = shown.flatMap(({ key }) => credential.fields.get(key)?.reveal() ?? []);
  return label === undefined ? {} : { label: label.slice(0, LABEL_LENGTH_MAX) };
}

/** Seals a connect link for the user on whose behalf the caller acts. A caller without a key acts for nobody. */
async function sealLink(
  { ownerId, instanceId, connector, usersOf }: PreparedConnection,
  { id: authenticationId, token }: PreparedAuthentication,
  { call, prepared, services }: Run,
  { status }: ConnectionReport,
): Promise<ConnectionReport['link']> {
  const { agentId, username } = call.caller;
  const requestedBy = agentId ?? username;
  if (requestedBy === undefined) throw new AppError('forbidden', 'Connecting an account requires an API key');
  if (token?.grant === 'token_exchange') {
    throw new AppError(
      'conflict',
      `${connector} has no accounts to connect: send your own token in X-Upstream-Authorization`,
    );
  }
  const subject = toUserSubject(username ?? DEFAULT_USERNAME, usersOf);
  const ref: CredentialRef = { ownerId, instanceId, scope: 'user', subject };
  // The link may replace existing credentials if the caller asks for it, which implies permission, or if the existing
  // ones do not work.
  const replaces = call.arguments['replaces'] === true || status === 'expired' || status === 'requires_parameters';
  const link = { ref, authenticationId, ...(replaces ? { replaces: { requestedBy } } : {}) };
  return services.links.seal(prepared.plan.workspaceId, link);
}
