import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Home, openHome } from '../home.ts';
import { createPlatform, type Platform } from '../platform.ts';
import { createRestClient } from '../rest-client.ts';
import { askAsAgent } from '../sample/ask-as-agent.ts';
import { deploySample } from '../sample/deploy.ts';

const folder = mkdtempSync(join(tmpdir(), 'toolplane-platform-'));
const { REDIS_URL, DATABASE_URL } = process.env;
let home: Home;
let platform: Platform;
let watching: Promise<never>;
let hear: (line: string) => void = () => undefined;

beforeAll(async () => {
  delete process.env['REDIS_URL'];
  delete process.env['DATABASE_URL'];
  home = await openHome(folder, undefined);
  platform = createPlatform(home, { phase: (_name, run) => run(), say: (line) => hear(line) });
  await platform.start(Promise.resolve(undefined));
  watching = platform.watch();
  watching.catch(() => undefined);
}, 60_000);
afterAll(async () => {
  await platform.stop();
  await expect(watching).rejects.toThrow('stopped');
  home.close();
  Object.assign(process.env, { REDIS_URL, DATABASE_URL });
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Resolves with the lines that are printed up to and including the last one. */
function received(last: string): Promise<string[]> {
  const lines: string[] = [];
  return new Promise((resolve) => {
    hear = (line) => {
      lines.push(line);
      if (line === last) resolve(lines);
    };
  });
}

function kill(pattern: string): void {
  const running: { pid: number; command: string }[] = JSON.parse(readFileSync(join(folder, 'running.json'), 'utf8'));
  const pid = running.findLast(({ command }) => command.includes(pattern))?.pid;
  if (pid === undefined) throw new Error(`nothing runs ${pattern}`);
  process.kill(pid, 'SIGKILL');
}

test('whatever is killed runs again, and calls then work as before', async () => {
  const api = `http://127.0.0.1:${home.ports.api}`;
  const sampleApi = `http://127.0.0.1:${home.ports.sample}`;
  const rest = createRestClient(api, home.keys.apiKey);
  const { url } = await deploySample(rest, sampleApi, home.keys.sampleKey);
  const { result } = await askAsAgent(url, home.keys.apiKey);
  for (const [pattern, name] of [
    ['services/data-plane/', 'data-plane'],
    ['services/edge/', 'edge'],
    ['services/control-plane/', 'control-plane'],
    ['sample/main.ts', 'sample'],
    ['redis-server', 'Redis'],
    ['postgres', 'PostgreSQL'],
  ] as const) {
    const reported = received(`${name} is running again.`);
    kill(pattern);
    expect((await reported)[0]).toMatch(
      new RegExp(`^${name} has ended \\(signal SIGKILL\\) \\(log: .*\\); starting it again…$`),
    );
  }
  expect((await askAsAgent(url, home.keys.apiKey)).result).toEqual(result);
  expect(await rest.call('GET', '/mcp-servers?limit=1')).toHaveLength(1);
}, 120_000);
