import { describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { compileExample, exampleConnector, type OperationInput } from '../connector.example.ts';
import type { ConnectorInput } from '../descriptor/connector-schema.ts';
import { readConnector } from '../read-connector.ts';

type Authentication = NonNullable<ConnectorInput['authentication']>[number];

const apiKey: Authentication = { type: 'api_key', fields: [{ key: 'api_key', field_type: 'secret' }] };

function reported(operation: Partial<OperationInput>, authentication: Authentication = apiKey): string[] {
  const { diagnostics } = readConnector(stringify(exampleConnector(operation, { authentication: [authentication] })));
  return diagnostics
    .filter(({ code }) => code !== 'unused_authentication')
    .map(({ severity, code, hint }) => `${severity} ${code}: ${hint}`);
}

describe('credentials of an operation', () => {
  const auth_type_ref = 'api_key';

  test('are not in its URL', () => {
    const endpoint = 'https://api.example.com/bot{api_key}/send';
    expect(reported({ auth_type_ref, auth_headers: { 'X-Key': '{api_key}' }, endpoint })).toEqual([
      'error credential_in_url: Put credentials into auth_headers or auth_query: URLs are written to logs.',
    ]);
  });

  test('belong to an authentication that it names', () => {
    expect(reported({ auth_headers: { 'X-Key': '{api_key}' } })).toEqual([
      'error unknown_template_key: No fields are known here: name an authentication, and declare its fields.',
    ]);
  });

  test('go somewhere: empty maps count as none', () => {
    const missing =
      'error missing_auth_headers: Write auth_headers or auth_query, for instance {X-API-Key: "{api_key}"}.';
    expect(reported({ auth_type_ref, auth_headers: {}, auth_query: {} })).toEqual([missing]);
    expect(reported({ auth_type_ref: 'basic', auth_headers: {} }, { type: 'basic' })).toEqual([]);
  });

  test('that are never sent are reported', () => {
    expect(reported({ auth_type_ref, auth_headers: { 'X-App': 'v1' } })).toEqual([
      'warning unused_credentials: Use one of its fields, or leave auth_type_ref out.',
    ]);
  });
});

describe('an authentication of type none', () => {
  test('has no fields and nothing that is built from them', () => {
    const none: Authentication = { type: 'none', fields: [{ key: 'a' }] };
    expect(reported({ auth_type_ref: 'none', auth_headers: { 'X-App': 'v1', 'X-A': '{a}' } }, none)).toEqual([
      'error unknown_template_key: No fields are known here: name an authentication, and declare its fields.',
      'error not_for_type: Remove them, or choose another type.',
    ]);
  });

  test('makes an operation a tool of every instance', () => {
    const connector = exampleConnector(
      { auth_type_ref: 'open' },
      { authentication: [{ type: 'none', id: 'open' }, apiKey] },
    );
    for (const authentication of ['open', 'api_key', 'none']) {
      const { document, diagnostics } = compileExample(connector, { authentication });
      expect(document?.tools.map(({ tool }) => tool.name)).toEqual(['call']);
      expect(diagnostics.map(({ code }) => code)).toEqual(['unused_authentication']);
      expect(document?.tools[0]?.plan.connection?.authentication).toBeUndefined();
    }
  });
});
