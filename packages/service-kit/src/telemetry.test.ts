import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ROOT_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { attributes } from '@toolplane/contracts';
import { type OtlpReceiver, startOtlpReceiver } from '@toolplane/loopback/otlp-receiver';
import type { DropReason } from './telemetry/dropped-spans.ts';
import { startTelemetry } from './telemetry.ts';
import { toContext } from './trace-context.ts';

/* Covers the whole path: spans as services create them, the exporter, and what a collector receives. */

let collector: OtlpReceiver;
beforeAll(async () => {
  collector = await startOtlpReceiver();
});
afterAll(async () => {
  await collector[Symbol.asyncDispose]();
});
beforeEach(() => {
  collector.mood = 'well';
  collector.spans.length = 0;
});
afterEach(() => trace.disable());

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const carrierOf = (flags: '00' | '01') => ({ traceparent: `00-${traceId}-${spanId}-${flags}` });

async function start(ratio = 1) {
  const dropped = new Map<DropReason, number>();
  const telemetry = await startTelemetry(
    'edge',
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_TRACES_SAMPLER_ARG: ratio,
      OTEL_RESOURCE_ATTRIBUTES: { 'deployment.environment.name': 'test' },
    },
    { version: '1.2.3' },
    (reason, count) => void dropped.set(reason, (dropped.get(reason) ?? 0) + count),
  );
  return { end: async () => telemetry?.[Symbol.asyncDispose](), dropped };
}

const tracer = () => trace.getTracer('test');
const within = (parent: Span) => trace.setSpan(ROOT_CONTEXT, parent);

/** A call of some steps. The root ends last, failed or not. */
function call(name: string, { context = ROOT_CONTEXT, isFailed = false, stepsCount = 2, options = {} } = {}): void {
  const root = tracer().startSpan(name, options, context);
  for (let step = 0; step < stepsCount; step += 1) tracer().startSpan(`${name} ${step}`, {}, within(root)).end();
  if (isFailed) root.setStatus({ code: SpanStatusCode.ERROR });
  root.end();
}

const names = () => collector.spans.map(({ name }) => name).sort();

describe('what is exported', () => {
  test('is the configured share of own traces, and of a caller’s traces those that it samples', async () => {
    const telemetry = await start(0);
    call('own');
    call('sampled', { context: toContext(carrierOf('01')) });
    call('unsampled', { context: toContext(carrierOf('00')) });
    await telemetry.end();
    expect(names()).toEqual(['sampled', 'sampled 0', 'sampled 1']);
  });

  test('includes a failed call completely, whatever the sampling says, but no other call of its trace', async () => {
    const telemetry = await start(0);
    const context = toContext(carrierOf('00'));
    // Both belong to one trace of a client, and run at the same time.
    const [good, bad] = [tracer().startSpan('good', {}, context), tracer().startSpan('bad', {}, context)];
    const step = tracer().startSpan('step', {}, within(bad));
    const request = tracer().startSpan('request', {}, within(step));
    tracer().startSpan('other step', {}, within(good)).end();
    request.end();
    step.end();
    good.end();
    bad.setStatus({ code: SpanStatusCode.ERROR }).end();
    // A span that ends late belongs to the call nevertheless.
    const late = tracer().startSpan('late', {}, within(step));
    late.end();
    await telemetry.end();
    expect(names()).toEqual(['bad', 'late', 'request', 'step']);
    const idOf = (name: string) => collector.spans.find((span) => span.name === name)?.spanId;
    expect(collector.spans.map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual(
      expect.arrayContaining([
        ['bad', spanId],
        ['step', idOf('bad')],
        ['request', idOf('step')],
      ]),
    );
  });

  test('a failed step in a successful call does not count as a failure', async () => {
    const telemetry = await start(0);
    const root = tracer().startSpan('call');
    tracer().startSpan('step', {}, within(root)).setStatus({ code: SpanStatusCode.ERROR }).end();
    root.end();
    await telemetry.end();
    expect(names()).toEqual([]);
  });

  test('a call of a debug session is sampled, and passes this on', async () => {
    const telemetry = await start(0);
    const context = toContext(carrierOf('00'));
    const root = tracer().startSpan('debug', { attributes: { [attributes.debugSession]: 'dbg_1' } }, context);
    expect(root.spanContext().traceFlags).toBe(1);
    root.end();
    await telemetry.end();
    expect(names()).toEqual(['debug']);
  });

  test('spans name their process, release and environment', async () => {
    const telemetry = await start();
    call('call', { stepsCount: 0 });
    await telemetry.end();
    expect(collector.spans[0]?.resource).toMatchObject({
      'service.name': 'toolplane-edge',
      'service.version': '1.2.3',
      'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'deployment.environment.name': 'test',
    });
  });
});

describe('bounds', () => {
  test('of a call with endless steps the newest are kept, and the missing ones are counted', async () => {
    const telemetry = await start(0);
    call('long', { stepsCount: 2000, isFailed: true });
    await telemetry.end();
    expect(collector.spans).toHaveLength(501);
    expect(names()).toContain('long 1999');
    expect(telemetry.dropped).toEqual(new Map([['held', 1500]]));
  });

  test('a collector that hangs or fails only costs spans, counted, and does not keep the process alive', async () => {
    for (const mood of ['silent', 'failing'] as const) {
      collector.mood = mood;
      const telemetry = await start();
      for (let index = 0; index < 3000; index += 1) call('call');
      await telemetry.end();
      const droppedCount = [...telemetry.dropped.values()].reduce((sum, count) => sum + count, 0);
      expect(telemetry.dropped.get('queue_full')).toBeGreaterThan(4000);
      expect(droppedCount).toBeLessThanOrEqual(9000);
      trace.disable();
    }
  });

  test('a text that is too long is truncated', async () => {
    const telemetry = await start();
    tracer()
      .startSpan('named', { attributes: { [attributes.toolName]: 'x'.repeat(100_000) } })
      .end();
    await telemetry.end();
    const named = collector.spans.find(({ name }) => name === 'named');
    expect(named?.attributes[attributes.toolName]).toHaveLength(256);
  });
});

test('without an endpoint there are no spans at all', async () => {
  expect(await startTelemetry('edge', { OTEL_TRACES_SAMPLER_ARG: 1 })).toBeUndefined();
  expect(tracer().startSpan('call').isRecording()).toBe(false);
});
