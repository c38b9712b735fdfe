import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { NETWORK_POLICY_FILE, toNetworkPolicy } from './network-policy.ts';
import { refusedRangesV4, refusedRangesV6 } from './refused-ranges.ts';

const file = readFileSync(join(import.meta.dirname, '../../../..', NETWORK_POLICY_FILE), 'utf8');

test('the NetworkPolicy file is the one generated from the guard’s list (T34)', () => {
  expect(file).toBe(toNetworkPolicy());
});

test('the NetworkPolicy refuses exactly what the guard refuses (T34)', () => {
  const refused = [...file.matchAll(/- '([\d.:a-f]+\/\d+)' #/g)].map(([, cidr]) => cidr);
  expect(refused).toEqual([...refusedRangesV4, ...refusedRangesV6].map(([cidr]) => cidr));
  expect([...file.matchAll(/cidr: '(.*)'/g)].map(([, cidr]) => cidr)).toEqual(['0.0.0.0/0', '::/0']);
});
