import { expect, test } from '@jest/globals';
import type { ApiClient, McpServer } from '@toolplane/api-client';
import type { Diagnostic } from '@toolplane/contracts';
import { ApiError } from '../api/api-error.ts';
import { count, deploy } from './outcome.ts';

const place = { code: 'some', message: 'Wrong', hint: 'Mend it.', pointer: '', line: 1, column: 1 };
const error: Diagnostic = { severity: 'error', ...place };
const warning: Diagnostic = { severity: 'warning', ...place };
const server = { id: 'srv_1' } as McpServer;
const source = { definition: 'flower: "0.1"', references: [] };

function refuseWith(code: string): ApiClient {
  const refuse = async () => {
    throw new ApiError(422, { code, message: 'No', details: [error] });
  };
  return { POST: refuse } as unknown as ApiClient;
}

test.each([
  [[], undefined],
  [[error], '1 error'],
  [[warning, warning], '2 warnings'],
  [[error, warning, error], '2 errors and 1 warning'],
])('%j are %s', (diagnostics, text) => {
  expect(count(diagnostics)).toBe(text);
});

test('a document that is refused is an outcome with its diagnostics, and any other refusal is an error', async () => {
  const outcome = await deploy(refuseWith('invalid_document'), server, source);
  expect(outcome).toMatchObject({ kind: 'refused', diagnostics: [error], definition: source.definition });
  await expect(deploy(refuseWith('conflict'), server, source)).rejects.toThrow('No');
});

test('an answer without a body means that the document already runs', async () => {
  const nothing = { POST: async () => ({ status: 204 }) } as unknown as ApiClient;
  expect(await deploy(nothing, server, source)).toMatchObject({ kind: 'unchanged' });
});
