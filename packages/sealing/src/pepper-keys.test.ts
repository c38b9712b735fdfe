import { expect, test } from '@jest/globals';
import { createCallCipher } from './envelope.ts';
import { toPepperKeys } from './pepper-keys.ts';

const binding = { purpose: 'seen-user', party: '', aad: 'a' } as const;
const cipherOf = (peppers: string) => createCallCipher(toPepperKeys(peppers));

test('whoever has the same pepper can open what another sealed, even while it is rotated', () => {
  const sealed = cipherOf('old').seal(binding, 'text');
  expect(cipherOf('old').open(binding, sealed)).toBe('text');
  expect(cipherOf('new,old,old').open(binding, sealed)).toBe('text');
  expect(() => cipherOf('new').open(binding, sealed)).toThrow();
});
