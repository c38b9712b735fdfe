import { describe, expect, test } from '@jest/globals';
import { SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { attributes } from '@toolplane/contracts';
import { AllowListProcessor } from './allow-list.ts';

describe('a span leaves the process only with what is allowed', () => {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    spanProcessors: [new AllowListProcessor(new SimpleSpanProcessor({ exporter }))],
  });
  const canary = 'sk_live_canary_0123456789';
  const linked = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 };
  const span = provider.getTracer('test').startSpan('GET', {
    attributes: { [attributes.httpMethod]: 'GET', 'url.full': `https://api.test/?key=${canary}` },
    links: [{ context: linked, attributes: { text: canary } }],
  });
  span.addEvent('wait', { [attributes.waitMs]: 5, text: canary });
  span.addEvent(canary);
  span.recordException(new Error(canary));
  span.setStatus({ code: SpanStatusCode.ERROR, message: canary });
  span.end();
  const exported = exporter.getFinishedSpans();

  test('allowed attributes, known events, links and the status code stay', () => {
    expect(exported).toHaveLength(1);
    expect(exported[0]).toMatchObject({
      name: 'GET',
      attributes: { [attributes.httpMethod]: 'GET' },
      status: { code: SpanStatusCode.ERROR },
      links: [{ context: linked }],
    });
    expect(exported[0]?.events.map((event) => [event.name, event.attributes])).toEqual([
      ['wait', { [attributes.waitMs]: 5 }],
    ]);
  });

  test('everything else is removed', () => {
    const { resource: _resource, ...rest } = exported[0] ?? {};
    expect(JSON.stringify(rest)).not.toContain(canary);
  });
});
