import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { errorCodes } from './error-codes.ts';

const reference = readFileSync(new URL('../../../docs/reference/errors.md', import.meta.url), 'utf8');

test.each(Object.entries(errorCodes))('%s is documented with its codes', (code, { http, rpc, retryable }) => {
  expect(reference).toContain(`| \`${code}\` | ${http} | ${rpc} | ${retryable ? 'yes' : 'no'} |`);
});

test('our own codes stay outside the ranges that JSON-RPC and MCP reserve', () => {
  const reserved = Object.values(errorCodes)
    .map(({ rpc }) => rpc)
    .filter((rpc) => rpc < 0);
  // −32021 is MCP's own code for a missing client capability.
  expect(new Set(reserved)).toEqual(new Set([-32602, -32603, -32021]));
});
