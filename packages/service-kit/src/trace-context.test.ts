import { describe, expect, test } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import { toCarrier, toContext } from './trace-context.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('trace context', () => {
  test('is passed on unchanged if nothing is recorded', () => {
    const span = trace.getTracer('test').startSpan('x', {}, toContext({ traceparent, tracestate: 'vendor=1' }));
    expect(toCarrier(span)).toEqual({ traceparent, tracestate: 'vendor=1' });
  });

  test.each([
    ['nothing', undefined],
    ['garbage', 'garbage'],
    ['an all-zero trace id', '00-00000000000000000000000000000000-b7ad6b7169203331-01'],
    ['an all-zero span id', '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01'],
    ['the forbidden version ff', 'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
    ['upper case', traceparent.toUpperCase()],
  ])('%s starts no trace', (_name, value) => {
    const span = trace.getTracer('test').startSpan('x', {}, toContext({ traceparent: value }));
    expect(toCarrier(span)).toEqual({});
  });
});
