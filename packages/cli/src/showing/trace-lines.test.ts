import { expect, test } from '@jest/globals';
import { toTraceLines } from './trace-lines.ts';

test('a request is shown as it was sent', () => {
  const request = { method: 'GET', url: 'https://a.example/clock?slow=0', query: { slow: '0' }, headers: {} };
  const step = { type: 'step.run', duration_ms: 5, step_id: 'look', attempt: 2, request, children: [] } as const;
  const action = { type: 'action.run', duration_ms: 10, action: { type: 'goto', to: 'other', wait_ms: 1500 } } as const;
  expect(
    toTraceLines({
      type: 'flow.run',
      duration_ms: 7,
      flow_id: 'clock',
      inputs: { a: 'x'.repeat(600) },
      children: [{ ...step, response: { status: 200, headers: {}, body: 'late' }, children: [action] }],
    }),
  ).toEqual([
    'clock (7 ms)',
    `  | inputs: {"a":"${'x'.repeat(494)}… (--json shows all)`,
    '  look (5 ms, attempt 2)',
    '    | GET https://a.example/clock?slow=0',
    '    | 200',
    '    | body: late',
    '    → goto other after 1.5 s',
  ]);
});
