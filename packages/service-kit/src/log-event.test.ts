import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { logEvent } from './log-event.ts';
import { createLogger, type Logger } from './logger.ts';

let lines: Record<string, unknown>[];
let logger: Logger;
beforeEach(() => {
  jest.useFakeTimers();
  lines = [];
  logger = createLogger('test', 'info', { write: (line) => void lines.push(JSON.parse(line)) });
});
afterEach(() => {
  jest.useRealTimers();
});

test('a flood of one event becomes its first lines, and then one line that says how many more there were', () => {
  for (let index = 0; index < 10_000; index += 1) logEvent(logger, 'warn', 'a call failed', { index });
  expect(lines).toHaveLength(20);
  jest.advanceTimersByTime(10_000);
  expect(lines.slice(20)).toMatchObject([{ level: 'warn', msg: 'a call failed', repeated: 9980 }]);
  logEvent(logger, 'warn', 'a call failed', { index: -1 });
  expect(lines.at(-1)).toMatchObject({ index: -1 });
});

test('a flood hides no other event, and no other error of the same event', () => {
  const errorOf = (code: string) => Object.assign(new Error('x'), { code });
  for (let index = 0; index < 100; index += 1) logEvent(logger, 'error', 'redis', { err: errorOf('ECONNREFUSED') });
  logEvent(logger, 'error', 'redis', { err: errorOf('WRONGPASS') });
  logEvent(logger, 'error', 'postgres');
  logEvent(logger, 'error', 'redis', {}, { kind: 'calls' });
  expect(lines.slice(20).map(({ msg, err }) => [msg, (err as { code?: string } | undefined)?.code])).toEqual([
    ['redis', 'WRONGPASS'],
    ['postgres', undefined],
    ['redis', undefined],
  ]);
});

test('events of ever new kinds share one limit on lines', () => {
  for (let index = 0; index < 10_000; index += 1) logEvent(logger, 'info', 'event', {}, { kind: String(index) });
  expect(lines.length).toBeLessThanOrEqual(520);
  jest.advanceTimersByTime(10_000);
  const repeated = lines.reduce((sum, line) => sum + Number(line['repeated'] ?? 0), 0);
  expect(repeated + lines.filter((line) => line['repeated'] === undefined).length).toBe(10_000);
});

test('events below the log level are not counted', () => {
  for (let index = 0; index < 100; index += 1) logEvent(logger, 'debug', 'a call ended');
  jest.advanceTimersByTime(10_000);
  expect(lines).toEqual([]);
});

test('text from others cannot end a line or pass for one (T37)', () => {
  logEvent(logger, 'info', 'a call failed', { 'gen_ai.tool.name': 'x\r\n{"level":"error","msg":"forged"}\u2028' });
  expect(lines).toMatchObject([{ msg: 'a call failed', 'gen_ai.tool.name': 'x {"level":"error","msg":"forged"} ' }]);
});
