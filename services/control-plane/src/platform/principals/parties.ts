import type { Principal } from './principal.ts';

/*
 * Decides who counts as the same person for the two-person rule. A credential belongs to everybody who was shown it:
 * whoever created or rotated it. A key and its rotations are one credential. What a key creates belongs to the owner of
 * that key. A party is the root of such a chain: a person, or the first key of an organization, which nobody in the
 * organization created.
 */

/** The party of a credential for which nobody recorded who was shown it. */
const UNKNOWN = 'unknown';

export const partyOfPerson = (personId: string) => `person:${personId}`;
/** The party of a key that no other key or person of its organization created. */
export const partyOfFirstKey = (keyId: string) => `key:${keyId}`;

/** The parties that were shown a credential; `holders` is empty if nobody recorded them. */
export function partiesOf({ holders }: { holders: readonly string[] }): readonly string[] {
  return holders.length === 0 ? [UNKNOWN] : holders;
}

/** All keys of an agent act as the same agent, so one of its keys also belongs to the holders of its other keys. */
export function partiesOfKey(key: {
  holders: readonly string[];
  agent: { holders: readonly string[] } | null;
}): readonly string[] {
  return [...new Set([...partiesOf(key), ...(key.agent === null ? [] : partiesOf(key.agent))])];
}

/**
 * Whether the person or key that decides may be the one that called. If the holders of a key are unknown, they are
 * assumed to be the same, except that a person may decide about the calls of such a key: otherwise nobody could.
 */
export function isSameParty(
  caller: readonly string[],
  { actor, parties }: Pick<Principal, 'actor' | 'parties'>,
): boolean {
  if (parties.includes(UNKNOWN) || (actor.kind === 'key' && caller.includes(UNKNOWN))) return true;
  return parties.some((party) => caller.includes(party));
}
