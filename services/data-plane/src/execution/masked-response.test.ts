import { expect, test } from '@jest/globals';
import { maskBody, setMaskedBody } from './masked-response.ts';
import { createRedactor } from './redact.ts';

const forms = Array.from({ length: 1000 }, (_, number) => `canary-${number}`);
const redactor = createRedactor([{ name: 'KEY', forms }]);

test('a body is masked when it is read', () => {
  const response = { status: 200, headers: {} };
  setMaskedBody(response, { said: 'canary-7!' }, 100, redactor);
  expect(response).toEqual({ status: 200, headers: {}, body: { said: '[secret:KEY]!' } });
});

test('an answer is refused if the search for all secrets would block the worker', () => {
  const tooLarge = expect.objectContaining({ code: 'response_too_large' });
  expect(maskBody('canary-7', 2_500_000, redactor)).toBe('[secret:KEY]');
  expect(() => maskBody('canary-7', 2_500_001, redactor)).toThrow(tooLarge);
  expect(() => setMaskedBody({ status: 200, headers: {} }, '', 2_500_001, redactor)).toThrow(tooLarge);
});
