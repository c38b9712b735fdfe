import { randomBytes } from 'node:crypto';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

type OfServers = 'srv' | 'dep' | 'con' | 'cov' | 'coi' | 'tch' | 'ext' | 'usr';
type OfPeople = 'psn' | 'inv' | 'ses' | 'fac' | 'sif' | 'grt' | 'agc' | 'sso';

/** 120 random bits after a prefix that says what it names; nobody meets an id by guessing. */
export function newId(prefix: 'org' | 'ws' | 'req' | 'agt' | 'apr' | 'dbg' | OfServers | OfPeople): string {
  const characters = Array.from(randomBytes(24), (byte) => BASE32.charAt(byte % 32));
  return `${prefix}_${characters.join('')}`;
}
