import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import { findPromtool } from '../infra/local/promtool.ts';

const root = join(import.meta.dirname, '..');
const observability = join(root, 'infra/observability');
let promtool: string;

beforeAll(async () => {
  promtool = await findPromtool(join(root, '.cache'));
}, 120_000);

test('Prometheus can read the rules', async () => {
  expect(await run('check', 'rules', ...filesOf('rules'))).not.toMatch(/FAILED/);
}, 60_000);

test.each(filesOf('tests'))(
  'alerts fire when they should, and only then: %s',
  async (file) => {
    expect(await run('test', 'rules', file)).toMatch(/SUCCESS/);
  },
  120_000,
);

/** Fails with the message of promtool. */
async function run(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(promtool, args, { cwd: root });
  return stdout;
}

function filesOf(part: string): string[] {
  return readdirSync(join(observability, part))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join('infra/observability', part, name));
}
