import { describe, expect, test } from '@jest/globals';
import { edited, ticketSystem } from '../connector.example.ts';
import { readConnector } from '../descriptor/read-connector.ts';
import { errorsOf, expectErrors, expectWarning, type Rule } from './rules.example.ts';

const searchMapping = 'mcp_tool_name: search_tickets\n';
const bearer = '  - { type: bearer, fields: [{ key: token, field_type: secret }] }\noperations:';

test('the ticket system breaks no rule', () => {
  const { connector } = readConnector(ticketSystem);
  expect(errorsOf(ticketSystem)).toEqual([]);
  const ids = connector?.operations.map(({ operation_id: id }) => id);
  expect(ids).toEqual(['search_tickets', 'get_ticket', 'create_ticket']);
});

describe('the seed refuses', () => {
  const mapping = 'operation_id: get_ticket\n      mcp';
  const mapped = (mappings: string) => `${searchMapping}      parameter_mappings: ${mappings}\n`;
  test.each<Rule>([
    ['a mapping of an unknown operation', mapping, 'operation_id: §gone\n      mcp', 'unknown_operation'],
    ['two of one tool', 'mcp_tool_name: get_ticket', 'mcp_tool_name: §search_tickets', 'duplicate_tool_name'],
    [
      'an enabled server without a name',
      'enabled: true\n  server_name: "ticket_system"',
      '§enabled: true',
      'missing_key',
    ],
    ['a mapping of no parameter', searchMapping, mapped('{ §stat: state }'), 'unknown_parameter'],
    ['targets that collide', searchMapping, mapped('{ status: x, assignee: §x }'), 'duplicate_parameter'],
    ['a target that is a name already', searchMapping, mapped('{ status: §assignee }'), 'duplicate_parameter'],
  ])('%s', (_rule, from, to, ...codes) => {
    expectErrors(edited(from, to), codes);
  });

  test('a mapping of a hidden parameter', () => {
    const hidden = edited('default_value: 25', 'default_value: 25\n        hidden: true');
    expectErrors(edited(searchMapping, mapped('{ §limit: max }'), hidden), ['hidden_parameter']);
  });

  test('all of it at once, each in its place', () => {
    const unnamed = edited('enabled: true\n  server_name: "ticket_system"', '§enabled: true\n  §server: x');
    const unknown = edited(mapping, 'operation_id: §gone\n      mcp', unnamed);
    const text = edited('mcp_tool_name: create_ticket', 'mcp_tool_name: §search_tickets', unknown);
    expectErrors(text, ['missing_key', 'unknown_key', 'unknown_operation', 'duplicate_tool_name']);
  });

  test('nothing of a server that is not enabled and has no name', () => {
    expectErrors(edited('enabled: true\n  server_name: "ticket_system"', 'enabled: false'), []);
  });
});

describe('all problems come in one answer', () => {
  test('those of the shape and those of the rules', () => {
    const edits: [string, string][] = [
      ['"1.0.0"', '§1.0'],
      ['auth_type_ref: api_key', 'auth_type_ref: §apikey'],
      ['field_type: integer', 'field_type: §int'],
      ['/{ticket_id}', '/§{ticket}'],
      ['- name: ticket_id', '- name: §ticket_id'],
      ['mcp_tool_name: get_ticket', 'mcp_tool_name: §search_tickets'],
    ];
    const text = edits.reduce((before, [from, to]) => edited(from, to, before), ticketSystem);
    expectErrors(text, [
      'wrong_type',
      'unknown_authentication',
      'unknown_word',
      'missing_parameter',
      'unknown_parameter',
      'duplicate_tool_name',
    ]);
  });

  test.each<Rule>([
    ['operation', 'get_ticket\n    endpoint: "', 'get_ticket\n    endpoint: §5 #"', 'wrong_type'],
    [
      'parameter',
      '- name: ticket_id\n        location: path',
      '- name: ticket_id\n        location: §way',
      'unknown_word',
    ],
    ['field', 'label: "API Key"', 'label: §5', 'wrong_type'],
    ['field with a key too many', '- key: api_key', '- key: api_key\n        §odd: 1', 'unknown_key'],
    ['limit', 'limit: 1000', 'limit: §0', 'out_of_range'],
  ])('a broken %s makes nothing else look broken', (_what, from, to, ...codes) => {
    expectErrors(edited(from, to), codes);
  });

  test('and no more than can be read', () => {
    const many = Array.from({ length: 2000 }, () => '  - odd').join('\n');
    expect(errorsOf(edited('rate_limits:', `rate_limits:\n${many}`)).length).toBeLessThan(600);
  });
});

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
    expectWarning(edited('operations:', bearer.replace('{', '§{')), 'unused_authentication');
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
    ['names fields in its URL', steps('url: §"https://a.example/{key}"'), 'unknown_template_key'],
    ['names fields in its body', steps(`${url}, body: { a: [§"{key}"] }`), 'unknown_template_key'],
    ['names nothing that it extracts later', steps(`${url}, query: { a: §"{chain.t}" }`), 'unknown_template_key'],
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
      'has an id of its own',
      steps(url).replace('capabilities', `  - id: §login\n    steps: [{ request: { ${url} } }]\ncapabilities`),
      'duplicate_id',
    ],
  ])('%s', (_rule, to, ...codes) => {
    expectErrors(edited('capabilities:', to), codes);
  });

  test('says of which authentication it is where there are several', () => {
    const text = edited('capabilities:', steps(url).replace('- id', '- §id'));
    expectErrors(edited('operations:', bearer, text), ['missing_key']);
  });

  test('gives names to the operations of its authentication', () => {
    const text = edited('capabilities:', steps(url, 'session: a'));
    expectErrors(edited('"{api_key}"', '"{chain.session}"', text), []);
    expectErrors(edited('"{api_key}"', '§"{chain.sesion}"', text), ['unknown_template_key']);
  });
});

describe('a server', () => {
  test('has each limit of a window once', () => {
    const limit = '{ scope: per_account, limit: 5, interval_seconds: 60 }';
    expectErrors(edited('rate_limits:', `rate_limits:\n  - ${limit}`).replace('- scope', '- §scope'), [
      'duplicate_rate_limit',
    ]);
  });

  test('without tools or a description is told of', () => {
    const text = ticketSystem.slice(0, ticketSystem.indexOf('  server_description')).replace('enabled', '§enabled');
    expectWarning(text, 'missing_description');
    expectWarning(text, 'no_tools');
  });
});
