/*
 * The audience of a sealed value: the one secret or use that it is for. The protected header `aud` of its seal names
 * it, so whoever captures the value can store and use it nowhere else. Ids of workspaces are never reused, so they also
 * stand for their organization.
 */
import type { CredentialRef, SecretRef } from '@toolplane/contracts';
import { toSecretRef } from './credential-secret.ts';

export function secretAudience({ workspaceId, serverId, name }: Omit<SecretRef, 'version'>): string {
  return [workspaceId, serverId, name].join('/');
}

export function credentialAudience(ref: CredentialRef): string {
  return secretAudience(toSecretRef(ref));
}

/** The secret of an OAuth client that was registered by hand, for the sign-in to an external server. */
export function externalClientAudience({ ownerId, instanceId }: CredentialRef): string {
  return [ownerId, instanceId, CLIENT_SECRET].join('/');
}

/** The headers with which an external server is inspected before it is attached anywhere. */
export function inspectionAudience(workspaceId: string, url: string): string {
  return [workspaceId, INSPECTION, URL.parse(url)?.host ?? ''].join('/');
}

/** The secret of a client at an issuer through which people sign in. */
export function singleSignOnAudience(organizationId: string, issuer: string): string {
  return [organizationId, SINGLE_SIGN_ON, encodeURIComponent(issuer)].join('/');
}

/**
 * Says what is wrong with the audience of a seal, and what to do. The audience was written by whoever sealed the value.
 */
export function describeMismatch(audience: string, expected: string): string {
  return `was sealed for ${describe(audience)}, not for ${describe(expected)}: seal it again for that, with \`toolplane seal\` or the target that GET /api/v1/sealing-target gives`;
}

export const NO_AUDIENCE =
  'does not say what it was sealed for: seal it again, with the current `toolplane seal` or the target that GET /api/v1/sealing-target gives';

function describe(audience: string): string {
  const [owner = '', place = '', name = ''] = audience.split('/');
  if (audience.length > LENGTH_MAX || ![owner, place, name].every((part) => PART.test(part))) return 'something else';
  const where = `(workspace ${owner})`;
  if (place === SINGLE_SIGN_ON) return `single sign-on with ${decode(name)} (organization ${owner})`;
  if (place === INSPECTION) return `inspecting the external server ${name} ${where}`;
  if (name === CLIENT_SECRET) return `the client of the external server ${place} ${where}`;
  const [, scope] = /^credential_([a-z]+)/.exec(name) ?? [];
  if (scope !== undefined) return `credentials with the scope ${scope} of the connector instance ${place} (${owner})`;
  return `the secret ${name} of the server ${place} ${where}`;
}

function decode(text: string): string {
  return URL.parse(text.replaceAll(/%3A/gi, ':').replaceAll(/%2F/gi, '/'))?.href ?? text;
}

const SINGLE_SIGN_ON = 'single-sign-on';
/** Values that were sealed earlier carry this word. */
const INSPECTION = 'look';
const CLIENT_SECRET = 'client-secret';
const LENGTH_MAX = 3000;
const PART = /^[\w.:%[\]~!*'()-]+$/;
