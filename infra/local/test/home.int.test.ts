import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getFreePort } from '@toolplane/loopback/ports';
import { openHome } from '../home.ts';
import { findCommand } from '../processes.ts';

let parent: string;
beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'toolplane-home-'));
});
afterAll(() => rmSync(parent, { recursive: true, force: true }));

describe('the folder of local mode', () => {
  test('belongs to one running start at a time, and keeps its keys and ports', async () => {
    const folder = join(parent, 'kept');
    const first = await openHome(folder, undefined);
    await expect(openHome(folder, undefined)).rejects.toThrow(`in use by process ${process.pid}`);
    first.close();
    const second = await openHome(folder, undefined);
    second.close();
    expect([second.keys, second.ports]).toEqual([first.keys, first.ports]);
    expect(statSync(join(folder, 'keys.json')).mode & 0o777).toBe(0o600);
  });

  test('is taken over from a killed start, even if another program now has its process id', async () => {
    const folder = join(parent, 'orphaned');
    (await openHome(folder, undefined)).close();
    const left = [
      { pid: process.pid, command: 'node infra/local/start.ts' },
      { pid: process.ppid, command: 'redis-server' },
    ];
    writeFileSync(join(folder, 'running.json'), JSON.stringify(left));
    (await openHome(folder, undefined)).close();
    expect(findCommand(process.ppid)).toBeDefined();
  });

  test('replaces only those ports that are taken', async () => {
    const folder = join(parent, 'ports');
    const first = await openHome(folder, undefined);
    first.close();
    const listener = createServer().listen(first.ports.api, '127.0.0.1');
    const second = await openHome(folder, undefined);
    second.close();
    listener.close();
    expect(second.ports).toEqual({ ...first.ports, api: expect.any(Number) });
    expect(second.ports.api).not.toBe(first.ports.api);
  });

  test('is not opened while a port counted from PORT_BASE is taken, and the message names that port', async () => {
    const port = await getFreePort();
    const listener = createServer().listen(port, '127.0.0.1');
    const opened = openHome(join(parent, 'base'), port);
    await expect(opened).rejects.toThrow(`port ${port} (api) is taken`);
    listener.close();
  });

  test.each(['a-file', 'a-file/below'])('if it cannot be used (%s), is named in a one-line error', async (name) => {
    writeFileSync(join(parent, 'a-file'), '');
    await expect(openHome(join(parent, name), undefined)).rejects.toThrow(/^the folder .* cannot be used \(.*\); set/);
  });
});
