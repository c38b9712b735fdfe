import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from '@modelcontextprotocol/client';
import { deployFixture, type Fixture } from '../conformance/fixture.ts';
import { openV2 } from '../src/mcp-clients.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { until } from '../src/until.ts';

/*
 * The official suite accepts any text where it asks for one. These tests require that the fixture's texts match, word
 * for word, the suite's description of a server, so that a pass of the suite means what it seems to mean.
 */

let platform: TestPlatform;
let fixture: Fixture;
let client: Client;

beforeAll(async () => {
  platform = await startPlatform();
  fixture = await deployFixture(platform);
  client = await openV2(fixture.server.url, platform.apiKey, { pin: '2026-07-28' });
}, 60_000);

afterAll(async () => {
  await client?.close();
  await fixture?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

const image = { type: 'image', mimeType: 'image/png', data: expect.stringMatching(/^iVBORw0KGgo/) };
const text = (said: string) => ({ type: 'text', text: said });
const resource = (uri: string, mimeType: string, said: string) => ({
  type: 'resource',
  resource: { uri, mimeType, text: said },
});

describe('the content of a tool', () => {
  test.each([
    ['test_simple_text', {}, [text('This is a simple text response for testing.')]],
    ['test_image_content', {}, [image]],
    ['test_audio_content', {}, [{ type: 'audio', mimeType: 'audio/wav', data: expect.stringMatching(/^UklGR/) }]],
    [
      'test_embedded_resource',
      {},
      [resource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
    ],
    [
      'test_multiple_content_types',
      {},
      [
        text('Multiple content types test:'),
        image,
        resource('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
      ],
    ],
    ['greet', { name: 'World' }, [text('Hello, World!')]],
    ['slow_compute', { seconds: 0, label: 'sum' }, [text('sum was computed in 0 s.')]],
    ['test_x_mcp_header', { region: 'eu-west' }, [text('Region: eu-west')]],
  ])('of %s', async (name, callArguments, content) => {
    const result = await client.callTool({ name, arguments: callArguments });
    expect(result.content).toEqual(content);
    expect(result.isError ?? false).toBe(false);
  });

  test('is the error of a tool that fails', async () => {
    const result = await client.callTool({ name: 'test_error_handling', arguments: {} });
    expect(result).toMatchObject({ isError: true, structuredContent: { code: 'no_action_matched', status: 500 } });
  });
});

describe('the messages of a prompt', () => {
  test.each([
    ['test_simple_prompt', {}, [text('This is a simple prompt for testing.')]],
    [
      'test_prompt_with_arguments',
      { arg1: 'hello', arg2: 'world' },
      [text("Prompt with arguments: arg1='hello', arg2='world'")],
    ],
    [
      'test_prompt_with_embedded_resource',
      { resourceUri: 'test://example-resource' },
      [
        resource('test://example-resource', 'text/plain', 'Embedded resource content for testing.'),
        text('Please process the embedded resource above.'),
      ],
    ],
    ['test_prompt_with_image', {}, [image, text('Please analyze the image above.')]],
  ])('%s', async (name, promptArguments, contents) => {
    const { messages } = await client.getPrompt({ name, arguments: promptArguments });
    expect(messages).toEqual(contents.map((content) => ({ role: 'user', content })));
  });
});

describe('the contents of a resource', () => {
  test.each([
    ['test://static-text', { mimeType: 'text/plain', text: 'This is the content of the static text resource.' }],
    ['test://static-binary', { mimeType: 'image/png', blob: expect.stringMatching(/^iVBORw0KGgo/) }],
    [
      'test://template/123/data',
      { mimeType: 'application/json', text: '{"id":"123","templateTest":true,"data":"Data for ID: 123"}' },
    ],
  ])('%s', async (uri, contents) => {
    expect((await client.readResource({ uri })).contents).toEqual([{ uri, ...contents }]);
  });
});

test('a tool that changes the list of tools deploys them again', async () => {
  const triggered = 'test_trigger_tool_change';
  expect(await describeTool(triggered)).toContain('Tools changed 0 times');
  await client.callTool({ name: triggered, arguments: {} });
  await until(async () => (await describeTool(triggered)).includes('Tools changed 1 times'));
});

/** Uses a new client, because a client may cache a list for its time to live. */
async function describeTool(name: string): Promise<string> {
  const other = await openV2(fixture.server.url, platform.apiKey, { pin: '2026-07-28' });
  const { tools } = await other.listTools();
  await other.close();
  return tools.find((tool) => tool.name === name)?.description ?? '';
}
