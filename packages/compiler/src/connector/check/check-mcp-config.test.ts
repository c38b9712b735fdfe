import { describe, test } from '@jest/globals';
import { edited, ticketSystem } from '../connector.example.ts';
import { expectErrors, expectWarning, type Rule } from './rules.example.ts';

const searchMapping = 'mcp_tool_name: search_tickets\n';

describe('the seed refuses', () => {
  const mapping = 'operation_id: get_ticket\n      mcp';
  const mapped = (mappings: string) => `${searchMapping}      parameter_mappings: ${mappings}\n`;
  test.each<Rule>([
    ['a mapping of an unknown operation', mapping, 'operation_id: §gone\n      mcp', 'unknown_operation'],
    [
      'two mappings with one tool name',
      'mcp_tool_name: get_ticket',
      'mcp_tool_name: §search_tickets',
      'duplicate_tool_name',
    ],
    [
      'an enabled server without a name',
      'enabled: true\n  server_name: "ticket_system"',
      '§enabled: true',
      'missing_key',
    ],
    ['a mapping of an unknown parameter', searchMapping, mapped('{ §stat: state }'), 'unknown_parameter'],
    ['targets that collide', searchMapping, mapped('{ status: x, assignee: §x }'), 'duplicate_parameter'],
    ['a target that is already a name', searchMapping, mapped('{ status: §assignee }'), 'duplicate_parameter'],
  ])('%s', (_rule, from, to, ...codes) => {
    expectErrors(edited(from, to), codes);
  });

  test('a mapping of a hidden parameter', () => {
    const hidden = edited('default_value: 25', 'default_value: 25\n        hidden: true');
    expectErrors(edited(searchMapping, mapped('{ §limit: max }'), hidden), ['hidden_parameter']);
  });

  test('all of them at once, each with its place', () => {
    const unnamed = edited('enabled: true\n  server_name: "ticket_system"', '§enabled: true\n  §server: x');
    const unknown = edited(mapping, 'operation_id: §gone\n      mcp', unnamed);
    const text = edited('mcp_tool_name: create_ticket', 'mcp_tool_name: §search_tickets', unknown);
    expectErrors(text, ['missing_key', 'unknown_key', 'unknown_operation', 'duplicate_tool_name']);
  });

  test('nothing in a server that is not enabled and has no name', () => {
    expectErrors(edited('enabled: true\n  server_name: "ticket_system"', 'enabled: false'), []);
  });
});

test('a server without tools or a description is reported', () => {
  const text = ticketSystem.slice(0, ticketSystem.indexOf('  server_description')).replace('enabled', '§enabled');
  expectWarning(text, 'missing_description');
  expectWarning(text, 'no_tools');
});
