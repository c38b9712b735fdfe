import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { z } from 'zod';
import { logEvent } from '../log-event.ts';
import { createLogger } from '../logger.ts';
import { currentRequest } from '../request-context.ts';
import { succeedWithoutBody } from './answers.ts';
import { addRoute, createApi } from './api.ts';

const exporter = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
afterAll(() => trace.disable());

test('every line logged while a request is answered names that request, even after its body was read', async () => {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger('test', 'info', { write: (line) => void lines.push(JSON.parse(line)) });
  const spanIds: (string | undefined)[] = [];
  const api = createApi(
    {
      title: 'Things',
      version: '1',
      description: 'For tests',
      openApiPath: '/openapi.json',
      logger,
      authenticate: async () => ({ workspaceId: 'ws_1', permissions: ['servers:write'] }),
    },
    (own) => {
      addRoute(own, {
        method: 'post',
        path: '/things',
        operationId: 'makeThing',
        tag: 'things',
        summary: 'Make a thing',
        access: 'servers:write',
        body: z.strictObject({ name: z.string() }),
        responses: { 204: { description: 'Made', body: null } },
        async handle({ body }) {
          spanIds.push(currentRequest()?.span.spanContext().spanId);
          logEvent(logger, 'warn', 'something happened', { length: body.name.length });
          if (body.name === 'bad') throw new Error('bad');
          return succeedWithoutBody();
        },
      });
    },
  );
  const server = api.app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/things`;
  const post = (name: string) =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name }) });
  // Two requests at the same time, one of them in many chunks.
  const answers = await Promise.all([post('x'.repeat(500_000)), post('bad')]);
  server.close();
  await once(server, 'close');

  const requestIds = answers.map(({ headers }) => headers.get('x-request-id'));
  const textsOf = (id: string | null | undefined) =>
    lines.filter(({ request_id }) => request_id === id).map(({ msg }) => msg);
  expect(answers.map(({ status }) => status)).toEqual([204, 500]);
  expect(requestIds.map(textsOf)).toEqual([
    ['something happened', 'request'],
    ['something happened', 'a request failed', 'request'],
  ]);
  for (const id of requestIds) {
    const ofRequest = lines.filter(({ request_id }) => request_id === id);
    const places = new Set(ofRequest.map((line) => `${line['trace_id']} ${line['span_id']}`));
    expect([...places]).toEqual([expect.stringMatching(/^[0-9a-f]{32} [0-9a-f]{16}$/)]);
  }
  const ended = exporter.getFinishedSpans().map((span) => [span.name, span.spanContext().spanId]);
  expect(ended.sort()).toEqual(spanIds.map((id) => ['POST /things', id]).sort());
});
