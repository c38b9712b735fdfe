import { describe, test } from '@jest/globals';
import { edited } from '../connector.example.ts';
import { expectErrors, expectWarning, type Rule } from './rules.example.ts';

describe('authentication', () => {
  const fields = 'fields:\n';
  const first = (field: string) => `fields:\n      - ${field}\n`;
  const oauth = (members: string) => `  - { ${members} }\noperations:`;
  test.each<Rule>([
    ['is there once', 'operations:', '  - §type: api_key\noperations:', 'duplicate_id'],
    ['has no default for a secret', 'secret: true', '§default_value: x', 'secret_default'],
    [
      'has no default for what is said to be a secret',
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
      'gets its token by TLS',
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
    ['has no key of another type', fields, `§token_url: https://a.example\n    ${fields}`, 'unknown_key'],
  ])('%s', (_rule, from, to, ...codes) => {
    expectErrors(edited(from, to), codes);
  });

  test('that no operation uses is told', () => {
    expectWarning(
      edited('operations:', '  - §{ type: bearer, fields: [{ key: token, field_type: secret }] }\noperations:'),
      'unused_authentication',
    );
  });
});

describe('configuration', () => {
  const configured = (field: string) => edited('categories:', `configuration: [${field}]\n  categories:`);
  test.each<[rule: string, field: string, ...codes: string[]]>([
    ['has no secrets', '{ key: site, field_type: §secret }', 'unknown_word'],
    ['has options for a select', '§{ key: site, field_type: select }', 'missing_key'],
    ['is there once', '{ key: site }, { key: §site }', 'duplicate_key'],
    ['is used in URLs', '{ key: site, default_value: eu }'],
  ])('%s', (_rule, field, ...codes) => {
    expectErrors(configured(field), codes);
  });
});
