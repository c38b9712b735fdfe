import { expect, test } from '@jest/globals';
import { measure } from './measured.ts';

const tool = { serverId: 'srv_1', tool: 'look', kind: 'tool', calls: 0, errors: 0, notStarted: 0, unknown: 0 };

test('calls count for the server whose tool they ran, wherever they were made', () => {
  const tools = [
    { ...tool, calls: 2, errors: 1, p95Ms: 300 },
    { ...tool, tool: 'book', serverId: 'srv_2', originId: 'srv_1', calls: 1, p95Ms: 900 },
    { ...tool, tool: 'other', serverId: 'srv_2', calls: 50, p95Ms: 5000 },
    { ...tool, tool: 'selected', originId: 'srv_2', calls: 50, errors: 50, p95Ms: 5000 },
  ];
  expect(measure(tools, 'srv_1')).toEqual({
    calls: 3,
    successPercentage: 66.66,
    slowest: { tool: 'book', p95Ms: 900 },
  });
});

test('a share is never rounded up to all', () => {
  expect(measure([{ ...tool, calls: 100_000, errors: 1 }], 'srv_1')).toEqual({
    calls: 100_000,
    successPercentage: 99.99,
  });
  expect(measure([{ ...tool, calls: 7 }], 'srv_1').successPercentage).toBe(100);
});

test('without a call there is no share', () => {
  expect(measure([tool], 'srv_1')).toEqual({ calls: 0 });
  expect(measure([], 'srv_1')).toEqual({ calls: 0 });
});
