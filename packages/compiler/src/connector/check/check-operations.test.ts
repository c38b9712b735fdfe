import { describe, expect, test } from '@jest/globals';
import { edited, takeMarks } from '../connector.example.ts';
import { readConnector } from '../read-connector.ts';
import { errorsOf, expectErrors, expectWarning, type Rule } from './rules.example.ts';

const parameters = '    parameters:\n      - name: status';
const oneParameter = (yaml: string) => edited(parameters, `    parameters:\n      - ${yaml}\n      - name: status`);

describe('an operation', () => {
  const url = '"https://tickets.internal.com/api/v1/tickets"';
  const header = 'X-API-Key: "{api_key}"';
  const headers = `    auth_headers:\n      ${header}\n`;
  const post = 'summary: "Create a new ticket"';
  const withPost = (member: string) => `${post}\n    ${member}`;
  test.each<Rule>([
    ['names an authentication', 'auth_type_ref: api_key', 'auth_type_ref: §bearer', 'unknown_authentication'],
    [
      'says where its credentials go',
      `auth_type_ref: api_key\n${headers}`,
      'auth_type_ref: §api_key\n',
      'missing_auth_headers',
    ],
    ['names fields in its headers', header, 'X-API-Key: §"{apikey}"', 'unknown_template_key'],
    ['names fields in its query', headers, `    auth_query:\n      key: §"{k}"\n${headers}`, 'unknown_template_key'],
    ['closes its braces', header, 'X-API-Key: §"{api_key"', 'invalid_template'],
    ['has headers that can be sent', header, '§Host: "{api_key}"', 'reserved_header'],
    ['has headers with a valid name', header, '§"X Key": "{api_key}"', 'invalid_header'],
    ['has headers with a valid value', header, 'X-API-Key: §"{api_key}\\n"', 'invalid_header'],
    ['has each header once', header, `${header}\n      §x-api-key: "{api_key}"`, 'duplicate_header'],
    ['has an absolute URL', url, '§/tickets', 'invalid_endpoint'],
    ['has a URL of http or https', url, '§ftp://tickets.internal.com', 'invalid_endpoint'],
    ['has no fragment', url, '"https://tickets.internal.com/§#a"', 'invalid_endpoint'],
    ['has no password in its URL', url, '"https://§a:b@tickets.internal.com/"', 'invalid_endpoint'],
    ['has no segment of dots', url, '§"https://tickets.internal.com/../a"', 'invalid_endpoint'],
    ['has no host that a call decides', url, '"https://§{who}.internal.com/"', 'invalid_endpoint'],
    ['has no scheme that a call decides', url, '§"{who}/tickets"', 'invalid_endpoint'],
    [
      'declares parameters of the query as such',
      url,
      '"https://tickets.internal.com/?a=§{status}"',
      'parameter_in_query',
    ],
    ['has a parameter for what is in its path', '/{ticket_id}', '/{ticket_id}/§{part}', 'missing_parameter'],
    [
      'has a place for each path parameter',
      '- name: assignee\n        location: query',
      '- name: §assignee\n        location: path',
      'unknown_parameter',
    ],
    ['has no empty braces', '/{ticket_id}', '/{ticket_id}/§{}', 'invalid_endpoint'],
    ['names its configuration by key', url, '"https://§{config.}.internal.com"', 'invalid_endpoint'],
    ['takes its whole base from one value', url, '"{config.base}§{config.x}"', 'invalid_endpoint'],
    [
      'has no body with GET',
      '- name: assignee\n        location: query',
      '- name: assignee\n        location: §body',
      'body_not_allowed',
    ],
    ['selects with JMESPath', post, withPost('response: { pick: §"items[" }'), 'invalid_expression'],
    ['selects from errors with JMESPath', post, withPost('response: { error_pick: §"items[" }'), 'invalid_expression'],
    ['selects only from the response', post, withPost('response: { pick: "a || §$.secrets" }'), 'invalid_expression'],
    ['names its whole body', post, withPost('body_root: §ticket'), 'unknown_parameter'],
    ['has a media type', post, withPost('content_type: §json'), 'invalid_content_type'],
    ['writes the body that it declares', post, withPost('content_type: §text/xml'), 'conflicting_content_type'],
    [
      'encodes the body that it declares',
      post,
      withPost('content_type: §multipart/form-data'),
      'conflicting_content_type',
    ],
  ])('%s', (_rule, from, to, ...codes) => {
    expectErrors(edited(from, to), codes);
  });

  test('has a unique id', () => {
    const text = edited('operation_id: create_ticket\n    endpoint', 'operation_id: §get_ticket\n    endpoint');
    expectErrors(edited('- operation_id: create_ticket', '- operation_id: §create_ticket', text), [
      'duplicate_id',
      'unknown_operation',
    ]);
  });

  test('has credentials of an authentication', () => {
    const text = edited('    auth_type_ref: api_key\n', '');
    expectErrors(edited(header, 'X-API-Key: §"{api_key}"', text), ['unknown_template_key']);
  });

  test('has one whole body', () => {
    const root = edited(post, withPost('body_root: title'));
    const text = ['description', 'priority'].reduce(
      (before, name) => edited(`- name: ${name}\n`, `- §name: ${name}\n`, before),
      root,
    );
    expectErrors(text, ['body_not_alone', 'body_not_alone']);
  });
});

describe('a parameter', () => {
  test.each<[rule: string, parameter: string, ...codes: string[]]>([
    ['has a header that can be sent', '{ name: §Connection, location: header }', 'reserved_header'],
    ['has a valid header', '{ name: §a b, location: header }', 'invalid_header'],
    ['has no header of credentials', '{ name: §x-api-key, location: header }', 'credential_header'],
    ['has no header Authorization', '{ name: a, send_as: §Authorization, location: header }', 'credential_header'],
    ['is not a content type', '{ name: §Content-Type, location: header }', 'reserved_header'],
    ['is hidden with a value', '§{ name: x, location: query, hidden: true }', 'missing_key'],
    [
      'has a default of its type',
      '{ name: x, location: query, field_type: integer, default_value: §a }',
      'invalid_default',
    ],
    [
      'has a default that is a whole number',
      '{ name: x, location: query, field_type: integer, default_value: §1.5 }',
      'invalid_default',
    ],
    ['has a default among its values', '{ name: x, location: query, enum: [a], default_value: §c }', 'invalid_default'],
    [
      'has a default above its minimum',
      '{ name: x, location: query, field_type: number, minimum: 2, default_value: §1 }',
      'invalid_default',
    ],
    [
      'has a default below its maximum',
      '{ name: x, location: query, field_type: number, maximum: 2, default_value: §3 }',
      'invalid_default',
    ],
    ['has a short default', '{ name: x, location: query, max_length: 1, default_value: §ab }', 'invalid_default'],
    [
      'has a default of its format',
      '{ name: x, location: query, pattern: "^a$", default_value: §b }',
      'invalid_default',
    ],
    ['has values of its type', '{ name: x, location: query, enum: [a, §1] }', 'invalid_enum'],
    ['has a range', '{ name: x, location: query, field_type: number, minimum: §2, maximum: 1 }', 'empty_range'],
    ['has a range only as a number', '{ name: x, location: query, §minimum: 2 }', 'not_for_type'],
    ['has a pattern only as text', '{ name: x, location: query, field_type: integer, §pattern: a }', 'not_for_type'],
    ['has items only as an array', '{ name: x, location: query, §items: { type: string } }', 'not_for_type'],
    ['has a pattern of RE2', '{ name: x, location: query, pattern: §"(?=a)" }', 'invalid_pattern'],
    ['has a style only as an array', '{ name: x, location: query, style: §comma }', 'not_for_type'],
    [
      'repeats only where this is possible',
      '{ name: X-A, location: header, field_type: array, style: §repeat }',
      'not_for_location',
    ],
    ['has a schema or limits', '{ name: x, location: query, schema: {}, §enum: [a] }', 'conflicting_key'],
    ['has a valid schema', '{ name: x, location: query, schema: { type: §text } }', 'invalid_schema'],
    [
      'has a default that fits its schema',
      '{ name: x, location: query, schema: { minimum: 2 }, default_value: §1 }',
      'invalid_default',
    ],
    ['cannot be called __proto__', '{ name: §__proto__, location: query }', 'invalid_name'],
  ])('%s', (_rule, parameter, ...codes) => {
    expectErrors(oneParameter(parameter), codes);
  });

  test('is sent under a unique name', () => {
    const text = oneParameter('{ name: s, send_as: assignee, location: query }');
    expectErrors(edited('- name: assignee', '- §name: assignee', text), ['duplicate_parameter']);
  });

  test.each<Rule>([
    ['has a unique name', '- name: assignee', '- name: §status', 'duplicate_parameter'],
    ['in a body nests under names', '- name: description\n', '- name: §a..b\n', 'invalid_name'],
    ['in a body is a value or an object', '- name: description\n', '- name: §title.short\n', 'conflicting_parameter'],
    [
      'in a JSON body has no style',
      '- name: description\n        location: body\n        field_type: string',
      '- name: description\n        location: body\n        field_type: array\n        style: §comma',
      'not_for_location',
    ],
  ])('%s', (_rule, from, to, ...codes) => {
    expectErrors(edited(from, to), codes);
  });

  test.each<[advice: string, parameter: string, code: string]>([
    ['looks like a credential', '§{ name: api_token, location: query }', 'credential_input'],
    ['has a name that some models refuse', '{ name: §"filter[a]", location: query }', 'odd_input_name'],
    ['is required and has no description', '§{ name: x, location: query, required: true }', 'undocumented_input'],
  ])('that %s is reported', (_advice, parameter, code) => {
    expectWarning(oneParameter(parameter), code);
  });
});

test('a list in a multipart body has no style', () => {
  const parts = edited('summary: "Create a new ticket"', 'body_encoding: multipart');
  const list = '- name: description\n        location: body\n        field_type: array';
  const text = edited(list.replace('array', 'string'), `${list}\n        style: §comma`, parts);
  expectErrors(text, ['not_for_location']);
});

test('a URL that names a key missing from the configuration is reported', () => {
  const text = edited('categories:', 'configuration: [{ key: site }]\n  categories:');
  const url = 'https://tickets.internal.com/api/v1/me';
  expectErrors(edited(url, 'https://{config.site}.internal.com', text), []);
  expectWarning(edited(url, 'https://§{config.sit}.internal.com', text), 'unknown_configuration');
  expectWarning(edited(`${url.slice(0, -2)}tickets/{`, `https://§{config.sit}.com/{`, text), 'unknown_configuration');
});

test.each([
  ['{ key: site, required: false }', true],
  ['{ key: site }', true],
  ['{ key: site, required: true }', false],
  ['{ key: site, default_value: tickets }', false],
])('a URL requires the configuration that it names: %s', (field, isReported) => {
  const text = edited('categories:', `configuration: [§${field}]\n  categories:`);
  const used = edited('https://tickets.internal.com/api/v1/me', 'https://{config.site}.internal.com', text);
  if (isReported) expectWarning(used, 'optional_configuration');
  const reported = readConnector(takeMarks(used).text).diagnostics.map(({ code }) => code);
  expect(reported.includes('optional_configuration')).toBe(isReported);
});

test('advice for an operation is given once, however many tools it becomes', () => {
  const mapping = 'operation_id: search_tickets\n      mcp_tool_name: search_tickets\n';
  const again = mapping.replaceAll('search_tickets', 'get_ticket').replace('name: get_ticket', 'name: get_ticket_2');
  const description = 'mcp_tool_description: "Get full details of a support ticket."';
  const text = edited(`- ${mapping}`, `- ${again}      ${description}\n    - ${mapping}`);
  const codes = readConnector(text).diagnostics.map(({ code, message }) => `${code} ${message}`);
  expect(codes).toEqual([
    'undocumented_input The required input "ticket_id" has no description',
    'undocumented_input The required input "title" has no description',
  ]);
});

describe('pagination', () => {
  const summary = 'summary: "Search tickets with filters"';
  test.each<[rule: string, pagination: string, ...codes: string[]]>([
    ['of type page needs its parameter', '§{ type: page }', 'missing_key'],
    ['of type offset needs its parameter', '§{ type: offset }', 'missing_key'],
    ['of type link needs none', '{ type: link }'],
    ['of type none has none', '{ type: none, §page_param: page }', 'not_for_type'],
    ['of type page has no cursor', '{ type: page, page_param: page, §cursor_param: c }', 'not_for_type'],
    ['finds its items with JMESPath', '{ type: page, page_param: page, items_path: §"a[" }', 'invalid_expression'],
    ['is requested in the query', '{ type: page, page_param: §where }', 'not_for_location'],
    ['reads at most ten pages', '{ type: link, max_pages: §11 }', 'out_of_range'],
  ])('%s', (_rule, pagination, ...codes) => {
    const paged = edited(summary, `pagination: ${pagination}\n    ${summary}`);
    const header = '    parameters:\n      - { name: where, location: header }\n';
    expectErrors(edited('    parameters:\n', header, paged), codes);
  });

  test('of type cursor needs three', () => {
    const { text, places } = takeMarks(edited(summary, `pagination: §{ type: cursor }\n    ${summary}`));
    expect(errorsOf(text)).toEqual(Array(3).fill(`${places[0]} missing_key`));
  });
});
