import { describe, test } from '@jest/globals';
import { edited } from '../connector.example.ts';
import { expectErrors } from './rules.example.ts';

const bearer = '  - { type: bearer, fields: [{ key: token, field_type: secret }] }\noperations:';

describe('a credential chain', () => {
  const chain = (members: string) => `credential_chains:\n  - id: login\n    ${members}\ncapabilities:`;
  const steps = (request: string, extract = 't: a') =>
    chain(`steps: [{ request: { ${request} }, extract: { ${extract} } }]`);
  const url = 'url: "https://a.example"';
  test.each<[rule: string, to: string, ...codes: string[]]>([
    ['breaks no rule', steps('url: "https://a.example/{api_key}", body: { key: "{api_key}" }', 'token: data.token')],
    ['has steps', chain('steps: §[]'), 'empty_list'],
    ['has an absolute URL', steps('url: §login'), 'invalid_endpoint'],
    ['names fields', steps(`${url}, headers: { X-Key: §"{key}" }`), 'unknown_template_key'],
    ['names fields in its URL', steps('url: "https://a.example/§{key}"'), 'unknown_template_key'],
    ['names fields in its body', steps(`${url}, body: { a: [§"{key}"] }`), 'unknown_template_key'],
    ['names nothing that is extracted later', steps(`${url}, query: { a: §"{chain.t}" }`), 'unknown_template_key'],
    ['extracts by JMESPath', steps(url, 't: §"a["'), 'invalid_expression'],
    ['extracts names', steps(url, '§"a.b": a'), 'invalid_name'],
    ['has no body with GET', steps(`${url}, method: GET, §body: x`), 'body_not_allowed'],
    [
      'belongs to an authentication',
      steps(url).replace('steps', 'authentication: §basic\n    steps'),
      'unknown_authentication',
    ],
    [
      'extracts each name once',
      chain(`steps: [{ request: { ${url} }, extract: { t: a } }, { request: { ${url} }, extract: { §t: a } }]`),
      'duplicate_name',
    ],
    [
      'has a unique id',
      steps(url).replace('capabilities', `  - id: §login\n    steps: [{ request: { ${url} } }]\ncapabilities`),
      'duplicate_id',
    ],
  ])('%s', (_rule, to, ...codes) => {
    expectErrors(edited('capabilities:', to), codes);
  });

  test('names its authentication if there are several', () => {
    const text = edited('capabilities:', steps(url).replace('- id', '- §id'));
    expectErrors(edited('operations:', bearer, text), ['missing_key']);
    const other = edited('capabilities:', steps(`${url}, body: "{token}"`).replace('- id', '- §id'));
    expectErrors(edited('operations:', bearer, other), ['missing_key']);
  });

  test('provides names to the operations of its authentication', () => {
    const text = edited('capabilities:', steps(url, 'session: a'));
    expectErrors(edited('"{api_key}"', '"{chain.session}"', text), []);
    expectErrors(edited('"{api_key}"', '§"{chain.sesion}"', text), ['unknown_template_key']);
  });
});
