import { expect, test } from '@jest/globals';
import { ROOT_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { AllowListProcessor } from './allow-list.ts';
import { FailedTraces } from './failed-traces.ts';
import { createSampler } from './sampler.ts';

function open(spansMax: number) {
  const exporter = new InMemorySpanExporter();
  const dropped: number[] = [];
  const next = new AllowListProcessor(new SimpleSpanProcessor({ exporter }));
  const failed = new FailedTraces(next, { spansPerTraceMax: 10, spansMax }, (count) => dropped.push(count));
  const provider = new TracerProvider({ sampler: createSampler(0), spanProcessors: [failed] });
  const tracer = provider.getTracer('test');
  const step = (root: Span, name: string) => tracer.startSpan(name, {}, trace.setSpan(ROOT_CONTEXT, root)).end();
  const names = () => exporter.getFinishedSpans().map(({ name }) => name);
  return { failed, dropped, tracer, step, names };
}

test('however many calls are under way, held spans stay within their limit: the oldest call gives up its own', () => {
  const { failed, dropped, tracer, step, names } = open(20);
  const roots = Array.from({ length: 100 }, (_, index) => tracer.startSpan(`call ${index}`));
  for (const root of roots) for (const name of ['a', 'b', 'c']) step(root, name);
  expect(failed.heldCount).toBeLessThanOrEqual(20);
  for (const root of roots) root.setStatus({ code: SpanStatusCode.ERROR }).end();
  expect(failed.heldCount).toBe(0);
  // Each call was exported, the newest one completely.
  expect(names().filter((name) => name.startsWith('call'))).toHaveLength(100);
  expect(names().slice(-4)).toEqual(['a', 'b', 'c', 'call 99']);
  expect(dropped.reduce((sum, count) => sum + count, 0)).toBe(300 - names().filter((name) => name.length === 1).length);
});

test('nothing of a successful call is held once it has ended', () => {
  const { failed, dropped, tracer, step, names } = open(20);
  for (let index = 0; index < 1000; index += 1) {
    const root = tracer.startSpan('call');
    for (let count = 0; count < 50; count += 1) step(root, 'step');
    root.end();
  }
  expect([failed.heldCount, names(), dropped]).toEqual([0, [], []]);
});
