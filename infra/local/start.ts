import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseApiKey } from '@toolplane/contracts';
import { generateDatabaseClient } from './generate.ts';
import { describeEgress, greet, type LocalAddresses } from './greeting.ts';
import { type Home, openHome } from './home.ts';
import { LocalError, runTask } from './local-error.ts';
import { createPlatform, type Platform } from './platform.ts';
import { createRestClient } from './rest-client.ts';
import { askAsAgent } from './sample/ask-as-agent.ts';
import { deploySample } from './sample/deploy.ts';
import { projectFolder } from './services.ts';

/** `npm start`: all of Toolplane on this machine until Ctrl-C. stdout is for the result, stderr for what happens. */
await runTask(async () => {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  const folder = resolve(projectFolder, process.env['TOOLPLANE_HOME'] || '.toolplane');
  const stopSignal = nextStopSignal();
  const home = await openHome(folder, readPortBase(process.env['PORT_BASE']));
  const platform = createPlatform(home);
  const running = run(home, platform, values.json);
  try {
    const stopped = await Promise.race([stopSignal, running]);
    say(`${stopped}: stopping…`);
  } finally {
    await platform.stop();
    // What was just being started has noticed by now, too.
    await running.catch(() => undefined);
    home.close();
  }
});

async function run(home: Home, platform: Platform, isJson: boolean): Promise<never> {
  const startedAt = performance.now();
  say(`Starting in ${home.folder}…`);
  await generateDatabaseClient();
  await platform.start();
  const { apiKey, sampleKey } = home.keys;
  const [api, mcp, sampleApi] = [home.ports.api, home.ports.mcp, home.ports.sample].map(toBaseUrl) as [
    string,
    string,
    string,
  ];
  const rest = createRestClient(api, apiKey);
  const key = await rest.call<{ workspaceId: string }>('GET', `/api-keys/${parseApiKey(apiKey)?.keyId}`);
  if (key === undefined)
    throw new LocalError(`the database does not know the key of ${join(home.folder, 'keys.json')}`);
  const sampleServer = await deploySample(rest, sampleApi, sampleKey);
  const seen = await askAsAgent(sampleServer.url, apiKey);
  const { workspaceId } = key;
  const addresses: LocalAddresses = {
    api,
    mcp,
    apiKey,
    workspaceId,
    sampleServer,
    sampleApi,
    egress: describeEgress(),
  };
  say(`Ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
  process.stdout.write(isJson ? `${JSON.stringify(addresses)}\n` : greet(addresses, seen));
  return platform.watch();
}

function toBaseUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}

function readPortBase(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_500) throw new LocalError(`PORT_BASE=${text} is no port number`);
  return port;
}

/** Later signals change nothing: npm and the terminal send the same one several times. */
function nextStopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
  });
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
