import { afterAll, expect, test } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import { startTelemetry } from '@toolplane/service-kit';
import { connectedPlan, field, refOf } from '../../../test/connected-plan.ts';
import { createConnectionServices } from '../../../test/connection-services.ts';
import { client, runTool } from '../../../test/run-tool.ts';
import { json, startUpstream } from '../../../test/upstream.ts';

type Exported = {
  resourceSpans: { scopeSpans: { spans: { name: string; attributes: { key: string; value: object }[] }[] }[] }[];
};

afterAll(() => client.close());

test('the span of a request names whose credentials it carried, with their version but no value', async () => {
  await using api = await startUpstream(json({}));
  await using collector = await startUpstream(json({}));
  const telemetry = await startTelemetry('data-plane', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  const services = createConnectionServices(client);
  for (const _version of [1, 2]) await services.put(refOf('workspace', 'ws'), { fields: { api_key: 'canary-value' } });
  const authentication = { fields: [field('api_key')] };
  const plan = connectedPlan({ url: `${api.url}/x`, headers: { 'x-api-key': '{api_key}' }, authentication });
  expect(await runTool(plan, { services })).toMatchObject({ ok: true });
  await telemetry?.[Symbol.asyncDispose]();
  trace.disable();
  const bodies = collector.seen.map(({ body }) => body);
  const attributes = bodies.flatMap((body) =>
    (JSON.parse(body) as Exported).resourceSpans
      .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
      .flatMap((span) => span.attributes),
  );
  const refs = attributes.filter(({ key }) => key === 'toolplane.secret.refs').map(({ value }) => value);
  expect(refs).toEqual([{ arrayValue: { values: [{ stringValue: 'credential:workspace@2' }] } }]);
  expect(bodies.join()).not.toContain('canary');
});
