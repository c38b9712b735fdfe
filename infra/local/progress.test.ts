import { expect, test } from '@jest/globals';
import { LocalError } from './local-error.ts';
import { createProgress } from './progress.ts';

function record(isTTY: boolean) {
  let text = '';
  const stream = {
    isTTY,
    write(part: string) {
      text += part;
    },
  };
  return { progress: createProgress(stream), lines: () => text.split('\n'), text: () => text };
}

test('without a terminal, each phase is one plain line when it has ended, with its time', async () => {
  const { progress, lines } = record(false);
  await Promise.all([progress.phase('Redis', async () => 1), progress.phase('services', async () => 2)]);
  progress.warn('the sample is stopped');
  expect(lines()).toEqual([
    expect.stringMatching(/^✓ Redis \d\.\d s$/),
    expect.stringMatching(/^✓ services \d\.\d s$/),
    'warning: the sample is stopped',
    '',
  ]);
});

test('a failure names its phase, and an unexpected error keeps its stack', async () => {
  const { progress, lines } = record(false);
  const failing = (error: Error) => progress.phase('PostgreSQL', () => Promise.reject(error));
  await expect(failing(new LocalError('port 1 is taken'))).rejects.toThrow(
    new LocalError('PostgreSQL: port 1 is taken'),
  );
  const unexpected = new TypeError('x is undefined');
  await expect(failing(unexpected)).rejects.toBe(unexpected);
  expect(lines()[0]).toMatch(/^✗ PostgreSQL \d/);
});

test('on a terminal, the last line shows what runs, and lines above it stay whole', async () => {
  const { progress, text } = record(true);
  await progress.phase('Redis', async () => progress.say('a line'));
  expect(text()).toContain('\r\u001B[2K⠙ Redis 0.0 s\r\u001B[2Ka line\n\r\u001B[2K⠹ Redis');
  expect(text()).toMatch(/\n$/);
});
