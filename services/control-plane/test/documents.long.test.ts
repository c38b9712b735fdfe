import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { flowerDocument, startTestControlPlane, type TestControlPlane } from './control-plane.ts';

const MIB = 1024 * 1024;
const TASK_MS_MAX = 1500;

let plane: TestControlPlane;
let id: string;
let count = 0;
beforeEach(async () => {
  const { body } = await plane.send('POST', '/api/v1/mcp-servers', { name: `server-${++count}`, mode: 'NORMAL' });
  id = body.data.id;
});

const deploy = (body: object) => plane.send('POST', `/api/v1/mcp-servers/${id}/deploy`, body);
const validate = (body: object) => plane.send('POST', '/api/v1/documents/validate', body);
const reference = (bytes: number, name = 'api') => ({ name, location: 'api.json', content: 'x'.repeat(bytes) });

/** Starts a control plane for the tests of a group. */
function start(options?: Parameters<typeof startTestControlPlane>[0]): void {
  beforeAll(async () => {
    plane = await startTestControlPlane(options);
  });
  afterAll(() => plane.close());
}

describe('a document made to be slow to compile', () => {
  start({ taskMsMax: TASK_MS_MAX });

  /** The parser needs seconds for this many nodes. */
  const definition = `flower: "0.1"\nid: slow\nflows: [${'[],'.repeat(340_000)}]`;
  const tooComplex = [{ severity: 'error', code: 'document_too_complex', pointer: '', line: 1, column: 1 }];

  test('is refused, and other requests do not notice it', async () => {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const [deployed, validated] = await Promise.all([deploy({ definition }), validate({ definition })]);
    delay.disable();
    expect([deployed.status, deployed.body.diagnostics]).toMatchObject([422, tooComplex]);
    expect([validated.status, validated.body.data]).toMatchObject([200, { valid: false, diagnostics: tooComplex }]);
    // The goal is 100 ms, but a test machine is busier.
    expect(delay.max / 1e6).toBeLessThan(1000);
  });

  test('fails alone: others are compiled beside it and after it', async () => {
    const slow = validate({ definition });
    expect((await deploy({ definition: flowerDocument('beside') })).status).toBe(201);
    expect((await slow).body.data.valid).toBe(false);
    expect((await deploy({ definition: flowerDocument('after') })).status).toBe(201);
  });

  test('of one workspace holds up no other for longer than it takes itself', async () => {
    const { key } = await plane.createTenant();
    let ended = 0;
    const slow = Array.from({ length: 4 }, () => validate({ definition }).then(() => ended++));
    const other = plane.send('POST', '/api/v1/documents/validate', { definition: flowerDocument() }, { key });
    expect((await other).body.data.valid).toBe(true);
    expect(ended).toBeLessThanOrEqual(2);
    await Promise.all(slow);
  });
});

describe('limits', () => {
  start();

  test('422 for a document over 1 MiB', async () => {
    const { status, body } = await deploy({ definition: 'x'.repeat(MIB + 1) });
    expect([status, body.diagnostics[0].code]).toEqual([422, 'document_too_large']);
  });

  test('201 with 20 MiB of references, which are kept', async () => {
    const references = ['a', 'b', 'c', 'd'].map((name) => reference(5 * MIB, name));
    const { status, body } = await deploy({ definition: flowerDocument(), references });
    expect(status).toBe(201);
    const kept = await plane.send('GET', `/api/v1/mcp-servers/${id}/deployments/${body.id}`);
    expect(kept.body.data.references.map(({ content }: { content: string }) => content.length)).toEqual(
      references.map(() => 5 * MIB),
    );
  });

  test.each([
    ['a reference over 5 MiB', [reference(5 * MIB + 1)], 'body.references.0.content', 'must not be larger than 5 MiB'],
    [
      'references over 20 MiB in all',
      ['a', 'b', 'c', 'd', 'e'].map((name) => reference(4 * MIB + 1, name)),
      'body.references',
      'must not be larger than 20 MiB in total',
    ],
    [
      'more than 50 references',
      Array.from({ length: 51 }, () => reference(1)),
      'body.references',
      'must have at most 50 entries',
    ],
  ] as [string, object[], string, string][])('400 for %s', async (_name, references, path, message) => {
    const { status, body } = await deploy({ definition: flowerDocument(), references });
    expect([status, body.error.details]).toEqual([400, [{ path, message }]]);
  });

  test('413 for a body over 32 MiB', async () => {
    const { status, body } = await deploy({ definition: 'x'.repeat(32 * MIB) });
    expect([status, body.error.code]).toEqual([413, 'payload_too_large']);
  });
});

describe('a large body is checked like a small one', () => {
  start();

  const send = (text: string) =>
    plane.send('POST', '/api/v1/documents/validate', undefined, { text: `${text}${' '.repeat(70_000)}` });

  test.each([
    ['invalid JSON', '{"definition": canary', 'The body is not valid JSON'],
    ['a key that targets the prototype', '{"__proto__": {"definition": "canary"}}', 'The key __proto__ is not allowed'],
    ['more values than any request has', `[${'1,'.repeat(1_000_000)}1]`, 'The body holds more than 10000 values'],
    [
      'more than can be held',
      `[${'[],'.repeat(10_000_000)}1]`,
      /^(Reading the body takes too much time or memory|The body holds more than 10000 values)$/,
    ],
  ])('400 for %s', async (_name, text, message) => {
    const answer = await send(text);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_request']);
    expect(answer.body.error.message).toMatch(message);
  });

  test('200 for a document in it', async () => {
    const answer = await send(JSON.stringify({ definition: flowerDocument() }));
    expect([answer.status, answer.body.data.valid]).toEqual([200, true]);
  });
});
