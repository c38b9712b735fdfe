import type { Principal } from './principal.ts';

/*
 * Who counts as whom for the two-person rule. A credential belongs to everybody who was shown it: whoever created or
 * rotated it. A key and its rotations are one credential. What a key creates belongs to whoever that key belongs to. A
 * party is the root of such a chain: a person, or the first key of an organization, which nobody in it created.
 */

/** Of a credential for which nobody recorded who was shown it. */
const UNKNOWN = 'unknown';

export const partyOfPerson = (personId: string) => `person:${personId}`;
/** Only of a key that no other key or person of its organization created. */
export const partyOfFirstKey = (keyId: string) => `key:${keyId}`;

/** Whoever was shown a credential; `holders` is empty if nobody recorded it. */
export function partiesOf({ holders }: { holders: readonly string[] }): readonly string[] {
  return holders.length === 0 ? [UNKNOWN] : holders;
}

/** The keys of an agent stand for the same agent, so a key of one also belongs to whoever holds another of it. */
export function partiesOfKey(key: {
  holders: readonly string[];
  agent: { holders: readonly string[] } | null;
}): readonly string[] {
  return [...new Set([...partiesOf(key), ...(key.agent === null ? [] : partiesOf(key.agent))])];
}

/**
 * Whether whoever decides may be whoever called. Of a key with unknown holders this is assumed, except that a person
 * may decide about its calls: otherwise nobody could.
 */
export function isSameParty(
  caller: readonly string[],
  { actor, parties }: Pick<Principal, 'actor' | 'parties'>,
): boolean {
  if (parties.includes(UNKNOWN) || (actor.kind === 'key' && caller.includes(UNKNOWN))) return true;
  return parties.some((party) => caller.includes(party));
}
