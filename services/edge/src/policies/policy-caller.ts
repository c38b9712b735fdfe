import { hash } from 'node:crypto';
import type { PolicyCaller } from '@toolplane/policy';
import type { IdentifiedPrincipal, Principal } from '../callers/principal.ts';

/** Returns the parts of a principal that policies see. */
export function toPolicyCaller(principal: Principal): PolicyCaller {
  if (principal.kind === 'anonymous') return { kind: 'anonymous' };
  const { username, agentId } = principal;
  if (principal.kind === 'api-key') return { kind: 'key', keyId: principal.keyId, agentId, username };
  const { groups, claims } = principal;
  return { kind: 'token', agentId, username, groups, claims };
}

/**
 * Returns a key that is the same for all principals that policies treat alike. It covers everything that the visible
 * tools can depend on. It is short, because many keys are stored and a token may have many claims.
 */
export function visibilityKeyOf(principal: Principal): string {
  if (principal.kind === 'anonymous') return '';
  return hash('sha256', toText(principal), 'base64url');
}

function toText(principal: IdentifiedPrincipal): string {
  const { username, agentId } = principal;
  if (principal.kind === 'token') {
    return JSON.stringify([username, agentId, principal.groups, principal.claims]);
  }
  const { keyId, servers, tools } = principal;
  return JSON.stringify(['key', keyId, username, agentId, servers, tools]);
}
