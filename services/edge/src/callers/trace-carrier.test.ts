import { expect, test } from '@jest/globals';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Principal } from './principal.ts';
import { readTrace } from './trace-carrier.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const known = { kind: 'api-key' } as Principal;
const stranger: Principal = { kind: 'anonymous' };

test('an authenticated caller continues its own trace, and decides whether it is sampled', () => {
  const { parent, links } = readTrace({ meta: { traceparent }, headers: {}, principal: known });
  expect(trace.getSpanContext(parent)).toMatchObject({ spanId: 'b7ad6b7169203331', traceFlags: 1, isRemote: true });
  expect(links).toEqual([]);
});

test('an anonymous caller’s trace is only linked to, without its sampling flag', () => {
  for (const given of [
    { meta: { traceparent }, headers: {} },
    { meta: undefined, headers: { traceparent } },
  ]) {
    const { parent, links } = readTrace({ ...given, principal: stranger });
    expect(parent).toBe(ROOT_CONTEXT);
    expect(links.map(({ context }) => [context.spanId, context.traceFlags])).toEqual([['b7ad6b7169203331', 0]]);
  }
});

test.each(['', 'x', '00-0-0-01', `ff${traceparent.slice(2)}`])(
  'the malformed traceparent %j is ignored',
  (malformed) => {
    for (const principal of [known, stranger]) {
      const { parent, links } = readTrace({ meta: { traceparent: malformed }, headers: {}, principal });
      expect([trace.getSpanContext(parent), links]).toEqual([undefined, []]);
    }
  },
);
