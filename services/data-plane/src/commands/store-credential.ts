import type { Command, SealedCredential, StoredCredential } from '@toolplane/contracts';
import type { Credential, TokenGrant } from '../secrets/credential.ts';
import type { CredentialRecord, CredentialRecords } from '../secrets/credential-records.ts';
import { isSameClient } from '../secrets/oauth-client.ts';
import { readFields } from './read-fields.ts';

type StoreCredential = Extract<Command, { command: 'store_credential' }>;

/**
 * The new fields replace all stored fields. The grant of a person who has signed in is kept for the same client and the
 * hosts that it already had: somebody who writes fields does not need to know the tokens and must not be able to send
 * them elsewhere.
 */
export async function storeCredential(
  records: Pick<CredentialRecords, 'change'>,
  { ref, authenticationId, fields, needsSignIn }: StoreCredential,
  { value, hosts }: SealedCredential,
  nowMs: number,
): Promise<StoredCredential> {
  const credential: Credential = { authentication: authenticationId, fields: readFields(value, fields) };
  const stored = await records.change(ref, async (known) => {
    const grant = known === undefined ? undefined : keptGrant(known, { credential, hosts }, nowMs);
    return { credential: grant === undefined ? credential : { ...credential, grant }, hosts };
  });
  return toStored(stored, needsSignIn === true);
}

/** Returns the part of a record that the control plane may know. */
export function toStored({ credential, hosts, version }: CredentialRecord, needsSignIn: boolean): StoredCredential {
  const isUsable = !needsSignIn || credential.grant !== undefined;
  return { version, hosts, fields: [...credential.fields.keys()], isUsable };
}

function keptGrant(
  { credential: { grant, ...before }, hosts }: CredentialRecord,
  after: Pick<CredentialRecord, 'credential' | 'hosts'>,
  nowMs: number,
): TokenGrant | undefined {
  if (grant === undefined || hasEnded(grant, nowMs) || !isSameClient(before, after.credential)) return undefined;
  return after.hosts.every((host) => hosts.includes(host)) ? grant : undefined;
}

function hasEnded({ refreshToken, expiresAt }: TokenGrant, nowMs: number): boolean {
  return refreshToken === undefined && expiresAt !== undefined && expiresAt <= nowMs;
}
