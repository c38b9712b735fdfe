import type { Command, SealedCredential, StoredCredential } from '@toolplane/contracts';
import type { Credential, Grant } from '../secrets/credential.ts';
import type { CredentialRecord, CredentialRecords } from '../secrets/credential-records.ts';
import { isSameClient } from '../secrets/oauth-client.ts';
import { readFields } from './read-fields.ts';

type StoreCredential = Extract<Command, { command: 'store_credential' }>;

/** The fields replace those that were there, all of them. What a person has signed in for stays good for its client. */
export async function storeCredential(
  records: Pick<CredentialRecords, 'change'>,
  { ref, authenticationId, fields, needsSignIn }: StoreCredential,
  { value, hosts }: SealedCredential,
  nowMs: number,
): Promise<StoredCredential> {
  const credential: Credential = { authentication: authenticationId, fields: readFields(value, fields) };
  const stored = await records.change(ref, async (known) => {
    const grant = known?.credential.grant;
    const isKept = grant !== undefined && isSameClient(known?.credential, credential) && !hasEnded(grant, nowMs);
    return { credential: isKept ? { ...credential, grant } : credential, hosts };
  });
  return toStored(stored, needsSignIn === true);
}

/** What the control plane may know. */
export function toStored({ credential, hosts, version }: CredentialRecord, needsSignIn: boolean): StoredCredential {
  const isUsable = !needsSignIn || credential.grant !== undefined;
  return { version, hosts, fields: [...credential.fields.keys()], isUsable };
}

function hasEnded({ refreshToken, expiresAt }: Grant, nowMs: number): boolean {
  return refreshToken === undefined && expiresAt !== undefined && expiresAt <= nowMs;
}
