import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { apiKeyBytes, formatApiKey, parseApiKey } from './api-key-format.ts';

function createKey() {
  return formatApiKey({ keyId: randomBytes(apiKeyBytes.keyId), secret: randomBytes(apiKeyBytes.secret) });
}

describe('an API key', () => {
  test('names its key id, and nothing of its secret is in the id', () => {
    const { key, keyId } = createKey();
    expect(key).toMatch(/^tp_live_[0-9A-Za-z]{10}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
    expect(parseApiKey(key)).toEqual({ keyId });
  });

  test('has one fixed length, whatever the random bytes are', () => {
    const zeros = formatApiKey({ keyId: new Uint8Array(7), secret: new Uint8Array(32) });
    const ones = formatApiKey({ keyId: new Uint8Array(7).fill(255), secret: new Uint8Array(32).fill(255) });
    expect(zeros.key).toHaveLength(ones.key.length);
    expect(parseApiKey(zeros.key)).toEqual({ keyId: '0000000000' });
    expect(parseApiKey(ones.key)).toEqual({ keyId: ones.keyId });
  });

  test('ends with the CRC-32 of everything before it, in base 62', () => {
    const { key } = createKey();
    const [body, checksum] = [key.slice(0, -7), key.slice(-6)];
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const found = [...checksum].reduce((number, digit) => number * 62 + digits.indexOf(digit), 0);
    expect(found).toBe(crc32(body));
  });

  test('with any one character changed is refused', () => {
    const { key } = createKey();
    for (let index = 0; index < key.length; index++) {
      const other = key[index] === 'x' ? 'y' : 'x';
      expect(parseApiKey(key.slice(0, index) + other + key.slice(index + 1))).toBeUndefined();
    }
  });

  test.each(['', 'tp_live_', 'sk_live_1234567890', `${createKey().key}\n`, ` ${createKey().key}`])(
    'is not %j',
    (text) => {
      expect(parseApiKey(text)).toBeUndefined();
    },
  );

  test('is never generated from fewer random bytes', () => {
    expect(() => formatApiKey({ keyId: randomBytes(7), secret: randomBytes(16) })).toThrow(RangeError);
  });
});
