import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalAddresses } from '../../infra/local/greeting.ts';
import { askAsAgent } from '../../infra/local/sample/ask-as-agent.ts';

/* Runs `npm start -- --json` as a new user would: in an empty folder, then a second time in the same one. */

const home = mkdtempSync(join(tmpdir(), 'toolplane-home-'));
try {
  const first = await startAndStop();
  const second = await startAndStop();
  const { ownerLink: firstLink, ...firstRest } = first;
  const { ownerLink: secondLink, ...secondRest } = second;
  deepStrictEqual(secondRest, firstRest, 'a second start finds the same key, server and addresses');
  // Until a link has been used, each start creates a new one.
  ok(firstLink !== undefined && secondLink !== undefined && firstLink !== secondLink, 'a link makes the owner');
  console.log(`fresh start: ${first.sampleServer.url}, twice`);
} finally {
  rmSync(home, { recursive: true, force: true });
}

async function startAndStop(): Promise<LocalAddresses> {
  const npm = spawn('npm', ['start', '--', '--json'], {
    // Other gates use the ports that the documentation names.
    env: { ...process.env, TOOLPLANE_HOME: home, PORT_BASE: '17070' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(npm, 'close');
  let output = '';
  npm.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await Promise.race([once(npm.stdout, 'data'), closed]);
  ok(output.endsWith('\n'), 'npm start ended before it was ready');
  const addresses = JSON.parse(output) as LocalAddresses;
  const { result } = await askAsAgent(addresses.sampleServer.url, addresses.apiKey);
  ok(JSON.stringify(result).includes('The Somnambulist'), 'the sample tool answers a real MCP client');
  ok((await (await fetch(addresses.console)).text()).includes('/console/assets/'), 'the console is there');
  ok((await fetch(`${addresses.api}/cli/toolplane.mjs`)).ok, 'the command line tool is there');
  npm.kill('SIGTERM');
  const [code] = await closed;
  strictEqual(code, 0, 'SIGTERM ends it in order');
  strictEqual(output, `${JSON.stringify(addresses)}\n`, 'stdout holds one line');
  await rejectsConnection(addresses.api);
  await rejectsConnection(addresses.mcp);
  return addresses;
}

async function rejectsConnection(url: string): Promise<void> {
  const answered = await fetch(url).then(
    () => true,
    () => false,
  );
  ok(!answered, `${url} is closed after the stop`);
}
