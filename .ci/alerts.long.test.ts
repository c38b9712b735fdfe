import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

test('Prometheus can read the relabelling of the operations guide', async () => {
  const guide = readFileSync(join(root, 'docs/operations/guide.md'), 'utf8');
  const [, example = ''] = /```yaml\n(scrape_configs:[^`]+)```/.exec(guide) ?? [];
  const file = join(mkdtempSync(join(tmpdir(), 'toolplane-prometheus-')), 'prometheus.yaml');
  writeFileSync(file, example);
  expect(await run('check', 'config', '--syntax-only', file)).toMatch(/SUCCESS/);
}, 60_000);

/** Rejects with promtool's message if it fails. */
async function run(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(promtool, args, { cwd: root });
  return stdout;
}

function filesOf(part: string): string[] {
  return readdirSync(join(observability, part))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join('infra/observability', part, name));
}
