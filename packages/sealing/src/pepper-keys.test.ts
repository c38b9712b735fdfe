import { expect, test } from '@jest/globals';
import { createCallCipher } from './envelope.ts';
import { toPepperKeys } from './pepper-keys.ts';

const binding = { purpose: 'seen-user', party: '', aad: 'a' } as const;
const cipherOf = (peppers: string) => createCallCipher(toPepperKeys(peppers));

test('who has the same pepper opens what the other sealed, also while it is rotated', () => {
  const sealed = cipherOf('old').seal(binding, 'text');
  expect(cipherOf('old').open(binding, sealed)).toBe('text');
  expect(cipherOf('new,old,old').open(binding, sealed)).toBe('text');
  expect(() => cipherOf('new').open(binding, sealed)).toThrow();
});
