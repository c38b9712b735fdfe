import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type ConnectorInstance,
  createInstance,
  putCredential,
  registerConnector,
  requestRest,
} from '../src/connectors.ts';
import { callPlainly, listToolNames } from '../src/plain-client.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { startTicketApi, type TicketApi } from '../src/ticket-api.ts';
import { ticketSystem } from '../src/ticket-system.ts';

/* A descriptor that breaks a rule is rejected as a whole, and the previous version keeps working. */

let platform: TestPlatform;
let api: TicketApi;
let instance: ConnectorInstance;

beforeAll(async () => {
  platform = await startPlatform();
  api = await startTicketApi();
  await registerConnector(platform, ticketSystem(api));
  const auth_type = 'api_key';
  instance = await createInstance(platform, { connector: 'ticket-system', instance_name: 'Tickets', auth_type });
  await putCredential(platform, instance, {
    scope: 'workspace',
    auth_type,
    fields: { api_key: 'ticket-key-0123456789' },
    hosts: [api.host],
  });
}, 60_000);

afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

type Edit = [pattern: RegExp, replacement: string];

/** The next version of the descriptor, with edits. */
function edited(...edits: Edit[]): string {
  const next: Edit = [/version: "?1\.0\.0"?/, 'version: "1.1.0"'];
  return [next, ...edits].reduce((text, [pattern, replacement]) => {
    if (!pattern.test(text)) throw new Error(`${pattern} is not in the descriptor`);
    return text.replace(pattern, replacement);
  }, ticketSystem(api));
}

async function expectRefused(descriptor: string, messages: RegExp[]): Promise<void> {
  const { status, body } = await requestRest(platform, 'POST', '/connectors', { descriptor });
  expect(status).toBe(422);
  const { diagnostics } = body;
  for (const message of messages) {
    expect(diagnostics).toContainEqual(
      expect.objectContaining({
        severity: 'error',
        message: expect.stringMatching(message),
        line: expect.any(Number),
        column: expect.any(Number),
      }),
    );
  }
}

async function expectFirstVersionServes(): Promise<void> {
  const versions = await requestRest(platform, 'GET', '/connectors/ticket-system/versions');
  expect(versions.body.data.map(({ version }: { version: string }) => version)).toEqual(['1.0.0']);
  expect((await listToolNames(platform, instance.server.id)).sort()).toEqual([
    'create_ticket',
    'get_ticket',
    'search_tickets',
  ]);
  const { result } = await callPlainly(platform, instance.server.id, 'search_tickets', { status: 'open' });
  expect(result?.isError ?? false).toBe(false);
}

const mapping = (mappings: string): Edit => [
  /^( *)mcp_tool_name: "?search_tickets"?$/m,
  `$&\n$1parameter_mappings: ${mappings}`,
];
const hiddenLimit: Edit = [/^( *)default_value: 25$/m, '$&\n$1hidden: true'];

test.each<[string, Edit[], RegExp]>([
  [
    'a mapping of an operation that does not exist',
    [[/operation_id: "?get_ticket"?(\s+mcp_tool_name)/, 'operation_id: get_tickets$1']],
    /get_tickets/,
  ],
  [
    'two mappings with one tool name',
    [[/mcp_tool_name: "?get_ticket"?$/m, 'mcp_tool_name: search_tickets']],
    /search_tickets/,
  ],
  ['an enabled server without a name', [[/^ *server_name:.*\n/m, '']], /server_name/],
  ['an empty server name', [[/server_name:.*/, 'server_name: ""']], /server_name|character/],
  ['a server name of 101 characters', [[/server_name:.*/, `server_name: ${'a'.repeat(101)}`]], /100/],
  [
    'a server description of 501 characters',
    [[/server_description:.*/, `server_description: ${'a'.repeat(501)}`]],
    /500/,
  ],
  [
    'a mapping without an operation',
    [[/operation_id: "?get_ticket"?\s+mcp_tool_name/, 'mcp_tool_name']],
    /operation_id/,
  ],
  ['a mapping without a tool name', [[/^ *mcp_tool_name: "?get_ticket"?\n/m, '']], /mcp_tool_name/],
  ['a tool name of 101 characters', [[/mcp_tool_name: "?get_ticket"?$/m, `mcp_tool_name: ${'a'.repeat(101)}`]], /100/],
  [
    'a tool name that clients refuse',
    [[/mcp_tool_name: "?get_ticket"?$/m, 'mcp_tool_name: get ticket']],
    /A-Za-z0-9|letters/,
  ],
  [
    'a mapping without a description',
    [[/^ *mcp_tool_description: "?Get full details.*\n/m, '']],
    /mcp_tool_description/,
  ],
  [
    'a tool description of 501 characters',
    [[/mcp_tool_description: "?Get full details.*/, `mcp_tool_description: ${'a'.repeat(501)}`]],
    /500/,
  ],
  ['a mapping of a parameter that does not exist', [mapping('{ state: status }')], /state/],
  ['a mapping of a hidden parameter', [hiddenLimit, mapping('{ limit: size }')], /limit.*hidden|hidden.*limit/],
  ['two parameters with the same name for the model', [mapping('{ status: assignee }')], /assignee/],
])('%s is refused, and the previous version stays in use', async (_name, edits, message) => {
  await expectRefused(edited(...edits), [message]);
  await expectFirstVersionServes();
});

test('all violations come in one answer', async () => {
  const descriptor = edited(
    [/^ *server_name:.*\n/m, ''],
    [/mcp_tool_name: "?get_ticket"?$/m, 'mcp_tool_name: search_tickets'],
    [/operation_id: "?create_ticket"?(\s+mcp_tool_name)/, 'operation_id: no_such_operation$1'],
  );
  await expectRefused(descriptor, [/server_name/, /search_tickets/, /no_such_operation/]);
  await expectFirstVersionServes();
});
