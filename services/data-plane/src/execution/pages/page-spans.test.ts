import { expect, test } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import { startTelemetry } from '@toolplane/service-kit';
import { connectedPlan } from '../../../test/connected-plan.ts';
import { templateOf } from '../../../test/plan.ts';
import { runTool } from '../../../test/run-tool.ts';
import { json, startUpstream } from '../../../test/upstream.ts';

type Exported = { resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[] };

test('each page is a separate request in the trace, and no cursor is in it', async () => {
  await using api = await startUpstream((request, response) => {
    const isFirst = request.url === '/x';
    json({ list: [1], ...(isFirst ? { next: 'canary-cursor' } : {}) })(request, response);
  });
  await using collector = await startUpstream(json({}));
  const telemetry = await startTelemetry('data-plane', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  const items = templateOf('$response.body.list');
  const nextCursor = templateOf('$response.body.next');
  const pagination = { type: 'cursor' as const, parameter: 'after', items, nextCursor, pagesMax: 10 };
  await runTool(connectedPlan({ url: `${api.url}/x`, authentication: 'none', pagination }));
  await telemetry?.[Symbol.asyncDispose]();
  trace.disable();
  const bodies = collector.seen.map(({ body }) => body);
  const spans = bodies.flatMap((body) =>
    (JSON.parse(body) as Exported).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans),
  );
  const names = spans.flatMap((scope) => scope.spans.map(({ name }) => name));
  expect(names.filter((name) => name === 'GET')).toHaveLength(2);
  expect(bodies.join()).not.toContain('canary');
});
