import { AppError, type CredentialRef } from '@toolplane/contracts';
import type { TokenClient } from './authenticate-client.ts';
import type { Credential } from './credential.ts';
import type { CredentialRecord, CredentialRecords } from './credential-records.ts';

/**
 * The fields of an OAuth 2.0 authentication that belong to the client; all others belong to the credentials themselves.
 */
const CLIENT_FIELDS = ['client_id', 'client_secret'];

/**
 * Returns the nearest client: that of the credentials themselves, otherwise that of the workspace, otherwise that of
 * the organization. If `clientId` is set, only this client is accepted, because no other client can renew what was
 * issued to it.
 */
export async function getClient(
  records: Pick<CredentialRecords, 'read'>,
  { ref, authenticationId, workspaceId, clientId }: ClientNeed,
): Promise<{ client: TokenClient; record: CredentialRecord }> {
  const { ownerId, instanceId } = ref;
  const refs: CredentialRef[] = [
    ref,
    { ownerId, instanceId, scope: 'workspace', subject: workspaceId },
    { ownerId, instanceId, scope: 'organization' },
  ];
  for (const candidate of refs) {
    const record = await records.read(candidate);
    if (record?.credential.authentication !== authenticationId) continue;
    const client = clientOf(record.credential);
    if (client !== undefined && client.id === (clientId ?? client.id)) return { client, record };
  }
  const which = clientId === undefined ? 'No client_id is' : 'The client_id of this sign-in is no longer';
  const message = `${which} stored: neither with these credentials, nor for the workspace or the organization`;
  throw new AppError('credentials_missing', message);
}

type ClientNeed = {
  ref: CredentialRef;
  authenticationId: string;
  workspaceId: string;
  clientId?: string;
};

function clientOf({ fields }: Credential): TokenClient | undefined {
  const id = fields.get('client_id')?.reveal() ?? '';
  const secret = fields.get('client_secret');
  if (id === '') return undefined;
  return secret === undefined || secret.reveal() === '' ? { id } : { id, secret };
}

/** A grant is valid only for the client to which it was issued. */
export function isSameClient(one: Credential, other: Credential): boolean {
  if (one.authentication !== other.authentication) return false;
  return clientOf(one)?.id === clientOf(other)?.id;
}

export function withoutClient(fields: Credential['fields']): Credential['fields'] {
  return new Map([...fields].filter(([key]) => !CLIENT_FIELDS.includes(key)));
}
