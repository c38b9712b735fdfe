import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AppError, type CallEvent } from '@toolplane/contracts';
import { externalPlan } from '../../../test/external-plan.ts';
import {
  type ExternalServerOfTest,
  serve,
  startLegacyServer,
  startModernServer,
} from '../../../test/external-servers.ts';
import { client, internalErrors, runTool, secretOf, type ToolRun } from '../../../test/run-tool.ts';
import { createConnectionPool } from '../../external-mcp/connection-pool.ts';
import { systemClock } from '../clock.ts';

/* Tests what is reported while a call runs, and how the data plane ends a call. */

const externalServers = createConnectionPool({ http: client });
const stopped = new EventTarget();
let modern: ExternalServerOfTest;
let legacy: ExternalServerOfTest;

type Notify = (notification: { method: string; params: Record<string, unknown> }) => Promise<void>;

/** Reports progress that goes backwards once and reveals a secret. */
async function report(notify: Notify, progressToken: unknown): Promise<{ content: [] }> {
  for (const progress of [1, 3, 2, 4]) {
    const params = { progressToken, progress, total: 4, message: `Part ${progress}\u200b of s3cret-of-a-server` };
    if (progressToken !== undefined) await notify({ method: 'notifications/progress', params });
  }
  return { content: [] };
}

const forever = (signal: AbortSignal) =>
  new Promise<{ content: [] }>((resolve) => {
    signal.addEventListener('abort', () => {
      stopped.dispatchEvent(new Event('stopped'));
      resolve({ content: [] });
    });
  });

beforeAll(async () => {
  modern = await startModernServer((server) => {
    server.registerTool('report', {}, async ({ mcpReq }) => {
      await mcpReq.log('info', { found: 3 }, 'search');
      return report(mcpReq.notify as Notify, mcpReq._meta?.progressToken);
    });
    server.registerTool('wait', {}, ({ mcpReq }) => forever(mcpReq.signal));
  });
  legacy = await startLegacyServer((server) => {
    server.registerTool('report', {}, async (extra) => {
      const { sessionId } = extra;
      await server.server.sendLoggingMessage({ level: 'debug', data: 'too low' }, sessionId);
      const params = { level: 'info', data: { found: 3 }, logger: 'search' } as const;
      await extra.sendNotification({ method: 'notifications/message', params });
      return report(extra.sendNotification as unknown as Notify, extra._meta?.progressToken);
    });
    server.registerTool('wait', {}, ({ signal }) => forever(signal));
  });
});
afterAll(async () => {
  await externalServers.close();
  expect(internalErrors).toEqual([]);
  for (const server of [modern, legacy]) await server[Symbol.asyncDispose]();
});

const run = (plan: Parameters<typeof runTool>[0], rest: ToolRun = {}) =>
  runTool(plan, { clock: systemClock, services: { externalServers }, ...rest });
const places = () =>
  [
    [modern, { transport: 'http', era: 'modern' }],
    [legacy, { transport: 'http', era: 'legacy' }],
  ] as const;

test('progress and log messages are passed on as they arrive: increasing, cleaned, without secrets', async () => {
  for (const [server, known] of places()) {
    const reported: CallEvent[] = [];
    const secrets = { TOKEN: secretOf('s3cret-of-a-server') };
    const plan = externalPlan(server, { kind: 'tool', name: 'report' }, { ...known, secrets: ['TOKEN'] });
    await run(plan, { reported, secrets, events: { progress: true, logLevel: 'info' } });
    expect(reported.filter(({ kind }) => kind === 'progress')).toEqual(
      [1, 3, 4].map((progress) => ({
        kind: 'progress',
        progress,
        total: 4,
        message: `Part ${progress} of [secret:TOKEN]`,
      })),
    );
    expect(reported.filter(({ kind }) => kind === 'log')).toEqual([
      { kind: 'log', level: 'info', data: { logger: 'search', data: { found: 3 } } },
    ]);
  }
});

test('progress that an HTTP+SSE server sends together with its answer is also passed on', async () => {
  const events = new PassThrough();
  const toEvent = (message: object) => `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`;
  await using server = await serve((request, response, body) => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      events.pipe(response);
      events.write('event: endpoint\ndata: /messages\n\n');
      return;
    }
    response.writeHead(202).end();
    const { id, method, params } = JSON.parse(body);
    if (method === 'initialize') {
      const serverInfo = { name: 'old', version: '1' };
      events.write(toEvent({ id, result: { protocolVersion: '2024-11-05', capabilities: {}, serverInfo } }));
    }
    if (method !== 'tools/call') return;
    const { progressToken } = params._meta;
    const progressOf = (token: unknown, progress: unknown) =>
      toEvent({ method: 'notifications/progress', params: { progressToken: token, progress } });
    const odd = [
      progressOf(progressToken, 'much'),
      progressOf(progressToken + 1, 50),
      progressOf('other', 60),
      progressOf(undefined, 70),
    ];
    const pieces = [
      progressOf(progressToken, 1),
      ...odd,
      progressOf(progressToken, 2),
      toEvent({ id, result: { content: [] } }),
    ];
    events.write(pieces.join(''));
  });
  const reported: CallEvent[] = [];
  const plan = externalPlan(server, { kind: 'tool', name: 'report' }, { transport: 'sse', era: 'legacy' });
  expect(await run(plan, { reported, events: { progress: true } })).toMatchObject({ ok: true });
  expect(reported).toEqual([1, 2].map((progress) => ({ kind: 'progress', progress })));
});

test('a caller who requested no messages gets none', async () => {
  for (const [server, known] of places()) {
    const reported: CallEvent[] = [];
    const plan = externalPlan(server, { kind: 'tool', name: 'report' }, known);
    expect(await run(plan, { reported })).toMatchObject({ ok: true });
    expect(reported).toEqual([]);
  }
});

test('a call that is cancelled is cancelled on the server, and whether it took effect is unknown', async () => {
  for (const [server, known] of places()) {
    const stop = new AbortController();
    server.asked.length = 0;
    const plan = externalPlan(server, { kind: 'tool', name: 'wait' }, known);
    const ended = run(plan, { signal: stop.signal });
    const cancelled = once(stopped, 'stopped');
    while (!server.asked.some(({ method }) => method === 'tools/call')) await new Promise(setImmediate);
    stop.abort(new AppError('cancelled', 'The client cancelled'));
    expect(await ended).toMatchObject({ ok: false, outcome: 'unknown', error: { code: 'cancelled' } });
    await cancelled;
  }
});

test('a call that takes too long ends at its deadline, and is cancelled on the server', async () => {
  for (const [server, known] of places()) {
    const cancelled = once(stopped, 'stopped');
    const plan = externalPlan(server, { kind: 'tool', name: 'wait' }, known);
    const outcome = await run(plan, { deadline: Date.now() + 1000 });
    expect(outcome).toMatchObject({ ok: false, outcome: 'unknown', error: { code: 'deadline_exceeded' } });
    await cancelled;
  }
});
