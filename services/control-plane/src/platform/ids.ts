import { randomBytes } from 'node:crypto';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

type OfServers = 'srv' | 'dep' | 'con' | 'cov' | 'coi' | 'tch' | 'ext' | 'usr';
type OfPeople = 'psn' | 'inv' | 'ses' | 'fac' | 'sif' | 'grt' | 'agc' | 'sso';

type Prefix = 'org' | 'ws' | 'req' | 'agt' | 'apr' | 'dbg' | OfServers | OfPeople;

/** 120 random bits after a prefix that names the type; ids cannot be guessed. */
export function newId(prefix: Prefix): string {
  const characters = Array.from(randomBytes(24), (byte) => BASE32.charAt(byte % 32));
  return `${prefix}_${characters.join('')}`;
}

/** Whether a text has the form of an id of this type. */
export function isIdOf(prefix: Prefix, text: string): boolean {
  return text.startsWith(`${prefix}_`) && /^[a-z2-7]{24}$/.test(text.slice(prefix.length + 1));
}
