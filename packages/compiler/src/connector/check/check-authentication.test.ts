import { describe, expect, test } from '@jest/globals';
import { edited, takeMarks, ticketSystem } from '../connector.example.ts';
import { readConnector } from '../read-connector.ts';
import { expectErrors, expectWarning, type Rule } from './rules.example.ts';

describe('authentication', () => {
  const fields = 'fields:\n';
  const first = (field: string) => `fields:\n      - ${field}\n`;
  const oauth = (members: string) => `  - { ${members} }\noperations:`;
  test.each<Rule>([
    ['occurs once', 'operations:', '  - §type: api_key\noperations:', 'duplicate_id'],
    ['has no default for a field marked as secret', 'secret: true', '§default_value: x', 'secret_default'],
    [
      'has no default for a field of type secret',
      'field_type: secret',
      'field_type: string\n        §default_value: x',
      'secret_default',
    ],
    ['has options for a select', fields, first('§{ key: region, field_type: select }'), 'missing_key'],
    ['has options only for a select', fields, first('{ key: region, options: §[a] }'), 'not_for_type'],
    [
      'has a default that can be chosen',
      fields,
      first('{ key: region, field_type: select, options: [eu], default_value: §us }'),
      'invalid_default',
    ],
    ['has a number', fields, first('{ key: x, field_type: number, default_value: §a }'), 'invalid_default'],
    ['has true or false', fields, first('{ key: x, field_type: boolean, default_value: §1 }'), 'invalid_default'],
    ['has a URL', fields, first('{ key: x, field_type: url, default_value: §a }'), 'invalid_default'],
    ['has a name for each field', '- key: api_key', '- key: api_key\n      - key: §api_key', 'duplicate_key'],
    ['has no field that means something else', fields, first('{ key: §basic }'), 'reserved_name'],
    ['tests an absolute URL', '"https://tickets.internal.com/api/v1/me"', '§/me', 'invalid_endpoint'],
    ['tests a URL that is known', 'api/v1/me', 'api/v1/§{who}', 'unknown_template_key'],
    [
      'gets its token from a URL',
      'operations:',
      oauth('type: oauth2_client_credentials, token_url: §token'),
      'invalid_endpoint',
    ],
    [
      'gets its token over TLS',
      'operations:',
      oauth('type: oauth2_client_credentials, token_url: §"http://a.example/token"'),
      'insecure_token_url',
    ],
    [
      'has the URLs of its type',
      'operations:',
      '  - §{ type: oauth2_authorization_code, token_url: "https://a.example/token" }\noperations:',
      'missing_key',
    ],
    [
      'exchanges a token over TLS',
      'operations:',
      oauth('type: oauth2_token_exchange, token_url: §"http://a.example/token"'),
      'insecure_token_url',
    ],
    [
      'exchanges a token for a resource that is a URI',
      'operations:',
      oauth('type: oauth2_token_exchange, token_url: "https://a.example/token", resource: §tickets'),
      'invalid_format',
    ],
    [
      'exchanges a token of a type that is a URI',
      'operations:',
      oauth('type: oauth2_token_exchange, token_url: "https://a.example/token", subject_token_type: §jwt'),
      'invalid_format',
    ],
    [
      'exchanges no token in a test, which has no caller',
      'operations:',
      oauth(
        'type: oauth2_token_exchange, token_url: "https://a.example/token", §test_endpoint: { url: "https://a.example/me" }',
      ),
      'not_for_type',
    ],
    [
      'passes on nothing that it exchanges',
      'operations:',
      oauth('type: oauth2_token_exchange, token_url: "https://a.example/token", §caller_token: pass'),
      'unknown_key',
    ],
    ['has no secret that is public', 'secret: true', '§public: true', 'public_secret'],
    ['has no key of another type', fields, `§token_url: https://a.example\n    ${fields}`, 'unknown_key'],
  ])('%s', (_rule, from, to, ...codes) => {
    expectErrors(edited(from, to), codes);
  });

  test('that no operation uses is reported', () => {
    expectWarning(
      edited('operations:', '  - §{ type: bearer, fields: [{ key: token, field_type: secret }] }\noperations:'),
      'unused_authentication',
    );
  });
});

describe("a caller's own token", () => {
  const urls = 'token_url: "https://a.example/token", authorization_url: "https://a.example/authorize"';
  const [clientUrl] = urls.split(',');

  /**
   * Returns the ticket system with another way to sign in. Without `auth`, the type of the authentication determines
   * what is sent.
   */
  function signedInBy(members: string, auth = ''): string {
    const [head = '', rest = ''] = ticketSystem.split('authentication:');
    const operations = rest.slice(rest.indexOf('operations:')).replaceAll('{api_key}', auth);
    const used = auth === '' ? operations.replaceAll(/ +auth_headers:\n.*\n/g, '') : operations;
    return `${head}authentication:\n  - §{ id: api_key, ${members} }\n${used}`;
  }
  const token = 'fields: [{ key: token, field_type: secret }]';

  test.each([
    ['a bearer token', `type: bearer, ${token}`],
    ['one from client credentials', `type: oauth2_client_credentials, ${clientUrl}`],
    ['one of a person who signed in', `type: oauth2_authorization_code, ${urls}`],
  ])('that the API would get in place of %s is reported (T26, B035)', (_what, members) => {
    expectWarning(signedInBy(members), 'caller_token_passed_on');
  });

  test.each([
    ['the descriptor explicitly passes it on', `type: bearer, caller_token: pass, ${token}`, ''],
    ['it is refused', `type: oauth2_client_credentials, ${clientUrl}, caller_token: refuse`, ''],
    ['it is exchanged', `type: oauth2_token_exchange, ${clientUrl}`, ''],
    ['it is a user name and a password', 'type: basic', ''],
    ['it is a key', 'type: api_key, fields: [{ key: token, field_type: secret }]', '{token}'],
    [
      'it cannot be used',
      `type: bearer, fields: [{ key: token, field_type: secret }, { key: x, required: true }]`,
      '{token}{x}',
    ],
  ])('is not reported if %s', (_what, members, auth) => {
    const { diagnostics, connector } = readConnector(takeMarks(signedInBy(members, auth)).text);
    expect(connector).toBeDefined();
    expect(diagnostics.map(({ code }) => code)).not.toContain('caller_token_passed_on');
  });
});

describe('configuration', () => {
  const configured = (field: string) => edited('categories:', `configuration: [${field}]\n  categories:`);
  test.each<[rule: string, field: string, ...codes: string[]]>([
    ['has no secrets', '{ key: site, field_type: §secret }', 'unknown_word'],
    ['has options for a select', '§{ key: site, field_type: select }', 'missing_key'],
    ['occurs once', '{ key: site }, { key: §site }', 'duplicate_key'],
    ['is used in URLs', '{ key: site, default_value: eu }'],
  ])('%s', (_rule, field, ...codes) => {
    expectErrors(configured(field), codes);
  });
});
