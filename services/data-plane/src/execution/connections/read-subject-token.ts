import { AppError } from '@toolplane/contracts';
import { SecretValue } from '@toolplane/service-kit';
import type { NamedSecret } from '../step-secrets.ts';
import { nameInstance, toInstanceDetails } from './name-instance.ts';
import type { PreparedConnection } from './prepare-connection.ts';

/**
 * Returns the caller's token that is to be exchanged. It is sent only to the token endpoint: it has no hosts, so every
 * request of the call that would contain it is refused.
 */
export function readSubjectToken(
  connection: Pick<PreparedConnection, 'connector' | 'instanceId' | 'instanceName'>,
  authorization: string | undefined,
): NamedSecret {
  if (authorization === undefined) {
    const message = `${nameInstance(connection)} is called on behalf of the caller: send your own token as X-Upstream-Authorization: Bearer <token>. It is exchanged for a token for the API, which does not receive yours`;
    throw new AppError('credentials_missing', message, { details: { ...toInstanceDetails(connection), scopes: [] } });
  }
  const [, token] = /^bearer +(\S+)$/i.exec(authorization.trim()) ?? [];
  if (token === undefined) {
    throw new AppError('invalid_request', 'The header X-Upstream-Authorization must have the form Bearer <token>');
  }
  return { name: 'caller_token', value: new SecretValue(token), hosts: [], version: 1 };
}
