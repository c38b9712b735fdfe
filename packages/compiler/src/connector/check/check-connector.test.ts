import { describe, expect, test } from '@jest/globals';
import { edited, ticketSystem } from '../connector.example.ts';
import { readConnector } from '../read-connector.ts';
import { errorsOf, expectErrors, type Rule } from './rules.example.ts';

test('the ticket system breaks no rule', () => {
  const { connector } = readConnector(ticketSystem);
  expect(errorsOf(ticketSystem)).toEqual([]);
  const ids = connector?.operations.map(({ operation_id: id }) => id);
  expect(ids).toEqual(['search_tickets', 'get_ticket', 'create_ticket']);
});

describe('all problems are reported together', () => {
  test('those of the form and those of the rules', () => {
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
    ['field with an unknown key', '- key: api_key', '- key: api_key\n        §odd: 1', 'unknown_key'],
    ['limit', 'limit: 1000', 'limit: §0', 'out_of_range'],
  ])('a broken %s makes nothing else look broken', (_what, from, to, ...codes) => {
    expectErrors(edited(from, to), codes);
  });

  test('and no more than a person can read', () => {
    const many = Array.from({ length: 2000 }, () => '  - odd').join('\n');
    expect(errorsOf(edited('rate_limits:', `rate_limits:\n${many}`)).length).toBeLessThan(600);
  });
});

test('each window has one limit', () => {
  const limit = '{ scope: per_account, limit: 5, interval_seconds: 60 }';
  expectErrors(edited('rate_limits:', `rate_limits:\n  - ${limit}`).replace('- scope', '- §scope'), [
    'duplicate_rate_limit',
  ]);
});
