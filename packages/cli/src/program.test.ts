import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { createProgram, runProgram } from './program.ts';
import { createTerminal } from './terminal.ts';

function connect(input = '') {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  return { stdout, stderr, terminal: createTerminal({ stdin: Readable.from([Buffer.from(input)]), stdout, stderr }) };
}

async function run(args: readonly string[], environment: Record<string, string> = {}, input?: string) {
  const { stdout, stderr, terminal } = connect(input);
  // There is no login.
  const code = await runProgram(args, { terminal, environment: { XDG_CONFIG_HOME: '/nowhere', ...environment } });
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

describe('wrong usage', () => {
  test.each([
    ['a command', ['depoly'], "unknown command 'depoly'\n  (Did you mean deploy?)"],
    ['a command of a group', ['secrets', 'sett'], "unknown command 'sett'\n  (Did you mean set?)"],
    [
      'a command of a group that lists by default',
      ['servers', 'creat', 'x', '--mode', 'SMART'],
      '(Did you mean create?)',
    ],
    ['an option', ['servers', '--jsno'], "unknown option '--jsno'"],
    ['a count', ['logs', '--limit', '0'], 'It must be a whole number of at least 1'],
    ['a time', ['logs', '--since', 'yesterday'], 'It must be a time such as'],
    ['a host', ['secrets', 'set', 'x', 'KEY', '--host', 'https://a.example/x'], 'Did you mean a.example?'],
    ['an authentication', ['connectors', 'import', 'a.yaml', '--authentication', 'api_key'], 'api_key=<header>'],
    ['a host in a list', ['seal', '--host', 'a.example', '--host', 'b.example,c.example'], 'host, host:port or *.host'],
  ])('of %s gives exit code 2, and nothing is requested', async (_, args, message) => {
    expect(await run(args)).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  test('is reported as JSON wherever --json is placed', async () => {
    const { code, stderr } = await run(['servers', 'creat', '--json']);
    const error = { code: 'wrong_usage', message: "unknown command 'creat'", details: ['(Did you mean create?)'] };
    expect([code, JSON.parse(stderr)]).toEqual([2, { error }]);
  });

  test('does not include asking for help or the version', async () => {
    expect(await run(['--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('deploy'), stderr: '' });
    expect(await run(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\S*\n$/) });
  });
});

test('with --json stdout has only the result, and every line of stderr is JSON', async () => {
  const { code, stdout, stderr } = await run(['connectors', 'import', '-', '--json'], {}, 'openapi: 2');
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect([code, stdout]).toEqual([1, '']);
  expect(lines[0]).toEqual({ note: expect.stringMatching(/^stdin:1:1 error /) });
  expect(lines.at(-1)).toEqual({
    error: { code: 'invalid_document', message: 'No connector can be created from stdin' },
  });
});

test.each([
  ['bearer', { authentication: [{ type: 'bearer' }], operations: [{ auth_type_ref: 'bearer' }] }],
  ['api_key=X-Key', { operations: [{ auth_headers: { 'X-Key': '{api_key}' } }] }],
])('an import of a document without security is given the authentication %s', async (given, expected) => {
  const document = {
    openapi: '3.1.0',
    info: { title: 'Things of the shop', version: '1' },
    servers: [{ url: 'https://api.example.test' }],
    paths: { '/things': { get: { summary: 'List all things', responses: {} } } },
  };
  const args = ['connectors', 'import', '-', '--authentication', given];
  const { code, stdout } = await run(args, {}, JSON.stringify(document));
  expect([code, JSON.parse(stdout)]).toMatchObject([0, expected]);
});

test('every command has a description of what it does', () => {
  const listAll = (command: Command): Command[] => [command, ...command.commands.flatMap(listAll)];
  const commands = listAll(createProgram({ terminal: connect().terminal, environment: {} }));
  expect(commands.length).toBeGreaterThan(30);
  expect(commands.filter((command) => command.description() === '').map((command) => command.name())).toEqual([]);
  const silent = commands.flatMap(({ options }) => options).filter(({ description }) => description === '');
  expect(silent.map(({ flags }) => flags)).toEqual([]);
});

describe('input is not trusted', () => {
  test.each(['..', '.', ''])(
    'a name that would lead to another path is refused before any request: %j',
    async (name) => {
      const environment = { TOOLPLANE_API: 'http://127.0.0.1:9', TOOLPLANE_API_KEY: 'x' };
      const { code, stderr } = await run(['secrets', 'delete', 'trains', name], environment);
      expect([code, stderr]).toEqual([1, `toolplane: "${name}" is neither a name nor an id\n`]);
    },
  );

  test('an invalid key is neither sent nor quoted', async () => {
    const { code, stderr } = await run(['login', 'http://127.0.0.1:9'], {}, 'a canary-key\nb');
    expect([code, stderr]).toEqual([
      1,
      'toolplane: This is not an API key: a key has no spaces and is a single line\n',
    ]);
  });

  const server = { id: 'srv_x', slug: 'x', state: 'running', isStopped: false, mode: 'NORMAL', pool: null };

  test.each([
    ['a page', '<p>Sign in', 'does not answer like Toolplane'],
    ['another JSON', '"x"', 'does not answer like Toolplane'],
    ['a response without data', '{}', 'does not answer like Toolplane'],
    [
      'a server at another address',
      JSON.stringify({ data: { ...server, url: 'http://a.example/x' } }),
      'is not encrypted',
    ],
    ['an error of several lines', '{"error": {"code": "x", "message": "No\\ntoolplane: \\u001b[2J"}}', 'No\\n'],
  ])('a response that no platform gives is an error without a stack trace: %s', async (_, body, reason) => {
    const other = createServer((_request, response) => {
      response.writeHead(body.includes('error') ? 400 : 200).end(body);
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const environment = { TOOLPLANE_API: url, TOOLPLANE_API_KEY: 'its-key' };
    const { code, stderr } = await run(['tools', 'trains'], environment);
    other.close();
    expect([code, stderr]).toEqual([1, expect.stringContaining(reason)]);
    // The output contains neither a stack trace nor terminal control characters.
    for (const part of ['    at ', '\u001b', '\ntoolplane']) expect(stderr).not.toContain(part);
  });
});
