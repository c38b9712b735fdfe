import { AppError, type CredentialRef, credentialScopes } from '@toolplane/contracts';
import type { PlanCall } from '../run.ts';
import { nameInstance, toInstanceDetails } from './name-instance.ts';
import type { PreparedAuthentication, PreparedConnection } from './prepare-connection.ts';

/** Tells an operator, or the agent that made the call, how to provide the missing credentials. */
export function credentialsMissing(
  connection: Pick<PreparedConnection, 'connector' | 'instanceId' | 'instanceName'>,
  { ownToken, token }: Pick<PreparedAuthentication, 'ownToken' | 'token'>,
  { call, refs }: { call: Pick<PlanCall, 'caller' | 'test'>; refs: readonly CredentialRef[] },
): AppError {
  const scopes = refs.map(({ scope }) => scope);
  const tested = call.test?.credential?.scope;
  const isOnlyOwn = call.test === undefined && scopes.every((scope) => scope === 'user');
  const among =
    tested ?? (isOnlyOwn ? 'user' : `${credentialScopes.slice(0, -1).join(', ')} or ${credentialScopes.at(-1)}`);
  const where = `/api/v1/connector-instances/${connection.instanceId}`;
  const ways = [
    token?.grant === 'authorization_code'
      ? `, and a person has to sign in: POST ${where}/authorizations (scope ${among})`
      : `: store some with PUT ${where}/credentials (scope ${among})`,
  ];
  const isCall = call.test === undefined;
  if (isCall && ownToken !== undefined) ways.push(', or send your own in the header X-Upstream-Authorization');
  const nobody =
    isCall && call.caller.username === undefined
      ? ". No user was named: the header x-username selects a person's own credentials"
      : '';
  const whose = isOnlyOwn ? 'The user in x-username has' : 'There are';
  const shared = isOnlyOwn ? '. Shared credentials are not used on behalf of a user unless the server allows it' : '';
  const message = `${whose} no credentials for ${nameInstance(connection)}${ways.join('')}${nobody}${shared}`;
  return new AppError('credentials_missing', message, { details: { ...toInstanceDetails(connection), scopes } });
}
