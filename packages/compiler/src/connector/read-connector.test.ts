import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { edited, takeMarks, ticketSystem, toLine } from './connector.example.ts';
import { mutatedDescriptors } from './mutations.example.ts';
import { readConnector } from './read-connector.ts';

function errorsOf(text: string): string[] {
  return readConnector(text)
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map((each) => `${toLine(each)} ${each.message}. ${each.hint}`);
}

const jira = readFileSync(new URL('../../testdata/jira.connector.yaml', import.meta.url), 'utf8');

/** Adds an anchor to the first of several equal objects and makes the others refer to it. */
function withAnchors(text: string): string {
  const headers = 'auth_headers:\n      X-API-Key: "{api_key}"';
  const [before = '', ...rest] = text.split(headers);
  const [first, ...others] = rest;
  if (first === undefined) return text;
  return [`${before}${headers.replace(':', ': &key')}${first}`, ...others].join('auth_headers: *key');
}

const asJson = JSON.stringify(parse(ticketSystem), null, 2);

describe('the text of a descriptor', () => {
  test('is YAML or JSON, and means the same', () => {
    expect(readConnector(asJson).connector).toEqual(readConnector(ticketSystem).connector);
    expect(readConnector(`\uFEFF${asJson}`).connector).toBeDefined();
  });

  test.each<[how: string, write: (text: string) => string]>([
    ['with Windows line endings', (text) => text.replaceAll('\n', '\r\n')],
    ['with comments', (text) => text.replaceAll('\n', ' # why\n# and how\n')],
    ['with wide indentation', (text) => stringify(parse(text), { indent: 7 })],
    ['with lists that are not indented', (text) => stringify(parse(text), { indentSeq: false })],
    ['with anchors', (text) => withAnchors(text)],
    ['in JSON on one line', (text) => JSON.stringify(parse(text))],
    ['in JSON with tabs', (text) => JSON.stringify(parse(text), null, '\t')],
  ])('means the same %s', (_how, write) => {
    for (const text of [ticketSystem, jira]) {
      expect(readConnector(write(text)).connector).toEqual(readConnector(text).connector);
      expect(readConnector(text).connector).toBeDefined();
    }
  });

  test('in JSON has positions too', () => {
    const rule = 'This must be one of path, query, header, body';
    const { text, places } = takeMarks(edited('"location": "path"', '"location": §"way"', asJson));
    expect(errorsOf(text)).toEqual([`${places[0]} unknown_word ${rule}. Write one of: path, query, header, body.`]);
  });

  test('in JSON may be larger than in YAML', () => {
    const padding = 'x'.repeat(1024 * 1024);
    const larger = (text: string) => edited('supports_schema_discovery', `${padding}_`, text);
    expect(errorsOf(larger(asJson))).toEqual([]);
    expect(errorsOf(larger(ticketSystem))).toEqual([expect.stringContaining('larger than 1 MiB')]);
    const largest = edited('supports_schema_discovery', padding.repeat(17), asJson);
    expect(errorsOf(largest)).toEqual([expect.stringContaining('larger than 16 MiB')]);
  });

  test('that is too large in YAML gets the advice to use JSON', () => {
    const [first] = readConnector(`# ${'x'.repeat(1024 * 1024)}`).diagnostics;
    expect(first?.hint).toContain('Write it as JSON');
  });

  test('in JSON has no duplicate keys, as in YAML', () => {
    const { text, places } = takeMarks(
      edited('"location": "path"', '"location": "query", §"location": "path"', asJson),
    );
    expect(errorsOf(text)).toEqual([`${places[0]} duplicate_key Duplicate key "location". Keep one of them.`]);
  });

  test('without indentation is reported briefly', () => {
    expect(errorsOf(ticketSystem.replace(/^ +/gm, '')).length).toBeLessThan(8);
  });

  test.each([
    ['invalid JSON', '{"metadata": {', /^1:\d+ /],
    ['YAML in braces', '{metadata: {}}', /missing_key/],
    ['too deep', `{"metadata": ${'['.repeat(100)}${']'.repeat(100)}}`, /too_deep/],
    ['a forbidden key', '{"metadata": {"__proto__": 1}}', /forbidden_key/],
    ['not an object', '[]', /wrong_type/],
    ['nothing', '', /wrong_type/],
    ['long and invalid JSON', `{"a": "${'x'.repeat(300_000)}", }`, /^1:1 invalid_json/],
  ])('that is %s is reported', (_what, text, reported) => {
    expect(errorsOf(text).join()).toMatch(reported);
  });
});

describe('a violation of the schema is explained in plain words', () => {
  test.each<[what: string, from: string, to: string, reported: string]>([
    ['an unknown key', 'publisher:', 'publsher:', '"publsher" is not known here. Did you mean "publisher"?'],
    ['a missing key', '  slug: "ticket-system"\n', '', '"slug" is missing. Add "slug".'],
    ['a number for text', '"1.0.0"', '1.0', 'This must be text, not a number. Put it in quotes.'],
    ['text for a list', '[saas]', 'saas', 'This must be a list, not text. Write a list here.'],
    ['text for an object', 'sla:\n', 'sla: fast\nunused:\n', 'This must be an object, not text. Write an object here.'],
    [
      'an unknown word',
      'location: path',
      'location: pth',
      'This must be one of path, query, header, body. Did you mean "path"?',
    ],
    ['a short text', 'name: "Ticket System"', 'name: "T"', 'This has 1 character; allowed: 3 to 200. Write more.'],
    [
      'a long text',
      '"Search tickets with',
      `"${'x'.repeat(600)}`,
      'This has 608 characters; allowed: at most 500. Shorten it.',
    ],
    [
      'a text in an unknown format',
      '"ticket-system"',
      'Ticket',
      'A slug consists of lowercase letters, digits and "-". Correct the text.',
    ],
    ['an invalid version', '"1.0.0"', '"1"', 'A version looks like 1.2.3 or 1.2.3-beta.1. Correct the text.'],
    [
      'a number out of range',
      'limit: 1000',
      'limit: 0',
      'This must be a whole number from 1 to 1000000. Write a whole number from 1 to 1000000.',
    ],
    [
      'text for true',
      'enabled: true',
      'enabled: "yes"',
      'This must be true or false, not text. Write true or false here.',
    ],
    [
      'an invalid status',
      'expected_status: 200',
      'expected_status: ok',
      'This must be a status from 100 to 599, or a list of them. Correct the value.',
    ],
    [
      'a list with an invalid item',
      'expected_status: 200',
      'expected_status: [2]',
      'This must be a whole number from 100 to 599. Write a whole number from 100 to 599.',
    ],
    [
      'an invalid name of a tool',
      'mcp_tool_name: get_ticket',
      'mcp_tool_name: get ticket',
      'The name of a tool has letters, digits, "_", "." and "-". Correct the text.',
    ],
    [
      'an invalid type',
      '  - type: api_key',
      '  - type: apikey',
      'This must be one of none, api_key, bearer, basic, oauth2_client_credentials, oauth2_authorization_code, oauth2_token_exchange, custom. Did you mean "api_key"?',
    ],
    ['a missing type', '  - type: api_key', '  - id: api_key', '"type" is missing. Add "type".'],
    [
      'an invalid default',
      'default_value: 25',
      'default_value: 25\n        pattern: 5',
      'This must be text, not a number. Put it in quotes.',
    ],
    [
      'a limit that is not a number',
      'default_value: 25',
      'minimum: low',
      'This must be a number. Write a number here.',
    ],
    [
      'a limit beyond all numbers',
      'default_value: 25',
      'maximum: 1.0e+400',
      'This number does not exist in JSON. Write a finite number.',
    ],
    [
      'an authentication that is a list',
      '  - type: api_key\n    fields',
      '  - []\n  - type: api_key\n    fields',
      'This must be an object, not a list. Write an object here.',
    ],
    [
      'an invalid link',
      'publisher:',
      'documentation_url: "javascript:alert(1)"\n  publisher:',
      'A link must begin with https:// or http://. Correct the text.',
    ],
    [
      'an invalid schema',
      'default_value: 25',
      'schema: []',
      'This must be an object, not a list. Write an object here.',
    ],
  ])('%s', (_what, from, to, reported) => {
    const { diagnostics, connector } = readConnector(edited(from, to));
    const said = diagnostics.map(({ message, hint }) => `${message}. ${hint}`);
    expect(said).toContain(reported);
    expect(connector).toBeUndefined();
    expect(said.join()).not.toMatch(/invalid input|expected|received|zod/i);
  });
});

test.each([
  ['limit: 1000', 'limit: 1.0e+300'],
  ['limit: 1000', 'limit: .inf'],
  ['limit: 1000', 'limit: -0.5'],
  ['location: path', 'location: {}'],
  ['field_type: integer', 'field_type: ~'],
])('one mistake is reported once: %s to %s', (from, to) => {
  expect(errorsOf(edited(from, to))).toHaveLength(1);
});

test('JSON with a number that is too large is refused', () => {
  const reported = errorsOf(edited('"limit": 1000', '"limit": 1e400', asJson));
  expect(reported).toEqual([expect.stringContaining('out_of_range')]);
  const odd = errorsOf(edited('"default_value": 25', '"minimum": 1e400', asJson));
  expect(odd).toEqual([expect.stringContaining('This number is too large')]);
});

test('whatever a descriptor contains, it is read, or each problem has a place', () => {
  fc.assert(
    fc.property(mutatedDescriptors(), (text) => {
      const { diagnostics, connector } = readConnector(text);
      const isRefused = diagnostics.some(({ severity }) => severity === 'error');
      expect(connector === undefined).toBe(isRefused);
      for (const { line, column, message, hint } of diagnostics) {
        expect(line === 1 && column >= 1 && message.length > 5 && hint.length > 5).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});
