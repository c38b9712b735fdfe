import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseApiKey } from '@toolplane/contracts';
import { buildCli } from './build-cli.ts';
import { buildConsole } from './build-console.ts';
import { generateDatabaseClient } from './generate.ts';
import { describeEgress, greet, type LocalAddresses } from './greeting.ts';
import { type Home, openHome } from './home.ts';
import { LocalError, runTask } from './local-error.ts';
import { createPlatform, type Platform } from './platform.ts';
import { createRestClient, type RestClient } from './rest-client.ts';
import { askAsAgent } from './sample/ask-as-agent.ts';
import { deploySample } from './sample/deploy.ts';
import { type Built, projectFolder } from './services.ts';

const HELP = `npm start [-- --json]: runs all of Toolplane on this machine until Ctrl-C.

  --json           prints the addresses and keys as one line of JSON on stdout
  --help           prints this

  TOOLPLANE_HOME   the data folder; defaults to .toolplane/
  PORT_BASE        the first of eight consecutive ports; by default, free ports are chosen and kept

README.md lists the other settings of local mode.
`;

/**
 * `npm start`: runs all of Toolplane on this machine until Ctrl-C. The result is printed on stdout, and progress on
 * stderr.
 */
await runTask(async () => {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({ options: { json: flag, help: flag } });
  if (values.help) return void process.stdout.write(HELP);
  const folder = resolve(projectFolder, process.env['TOOLPLANE_HOME'] || '.toolplane');
  const stopSignal = nextStopSignal();
  const home = await openHome(folder, readPortBase(process.env['PORT_BASE']));
  const platform = createPlatform(home, say);
  const running = run(home, platform, values.json);
  try {
    const stopped = await Promise.race([stopSignal, running]);
    say(`${stopped}: stopping…`);
  } finally {
    await platform.stop();
    // Processes that were still starting have been stopped by now, too.
    await running.catch(() => undefined);
    home.close();
  }
});

async function run(home: Home, platform: Platform, isJson: boolean): Promise<never> {
  const startedAt = performance.now();
  say(`Starting in ${home.folder}…`);
  await generateDatabaseClient();
  await platform.start(build());
  const { keys, ports } = home;
  const api = toBaseUrl(ports.api);
  const sampleApi = toBaseUrl(ports.sample);
  const rest = createRestClient(api, keys.apiKey);
  const addresses: LocalAddresses = {
    api,
    console: `${api}/console/`,
    mcp: toBaseUrl(ports.mcp),
    apiKey: keys.apiKey,
    workspaceId: await findWorkspace(rest, keys.apiKey),
    ...(await inviteOwner(rest)),
    sampleServer: await deploySample(rest, sampleApi, keys.sampleKey),
    sampleApi,
    sampleKey: keys.sampleKey,
    egress: describeEgress(),
  };
  const seen = await askAsAgent(addresses.sampleServer.url, keys.apiKey);
  say(`Ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
  process.stdout.write(isJson ? `${JSON.stringify(addresses)}\n` : greet(addresses, seen));
  return platform.watch();
}

async function build(): Promise<Built> {
  const [consoleFolder, cliFile] = await Promise.all([buildConsole(), buildCli()]);
  return { consoleFolder, cliFile };
}

async function findWorkspace(rest: RestClient, apiKey: string): Promise<string> {
  const key = await rest.call<{ workspaceId: string }>('GET', `/api-keys/${parseApiKey(apiKey)?.keyId}`);
  if (key === undefined) throw new LocalError('the database does not know the API key of keys.json');
  return key.workspaceId;
}

/**
 * Returns the link with which the first person becomes the owner; nothing if the organization already has a member.
 * Earlier links are revoked.
 */
async function inviteOwner(rest: RestClient): Promise<{ ownerLink?: string }> {
  const members = await rest.call<unknown[]>('GET', '/members?scope=organization&limit=1');
  if (members === undefined || members.length > 0) return {};
  const earlier = await rest.call<{ id: string; role: string }[]>('GET', '/invitations?limit=100');
  for (const { id, role } of earlier ?? []) if (role === 'owner') await rest.call('DELETE', `/invitations/${id}`);
  const request = { scope: 'organization', role: 'owner' };
  const invitation = await rest.call<{ link: string }>('POST', '/invitations', request);
  return invitation === undefined ? {} : { ownerLink: invitation.link };
}

function toBaseUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}

function readPortBase(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_500)
    throw new LocalError(`PORT_BASE=${text} is not a port number`);
  return port;
}

/** Later signals are ignored: npm and the terminal send the same one several times. */
function nextStopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
  });
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
