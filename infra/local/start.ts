import { writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseApiKey, permissions } from '@toolplane/contracts';
import { buildCli } from './build-cli.ts';
import { buildConsole } from './build-console.ts';
import { generateDatabaseClient } from './generate.ts';
import { describeEgress, greet, type LocalAddresses, toShellEnvironment } from './greeting.ts';
import { type Home, openHome } from './home.ts';
import { LocalError, runTask } from './local-error.ts';
import { createPlatform, type Platform } from './platform.ts';
import { createProgress, type StartProgress } from './progress.ts';
import { createRestClient, type RestClient } from './rest-client.ts';
import { askAsAgent } from './sample/ask-as-agent.ts';
import { deploySample } from './sample/deploy.ts';
import { type Built, projectFolder } from './services.ts';

/** The ports that the documentation names. Those that are taken are replaced by free ones. */
const PREFERRED_PORT_BASE = 7070;

const HELP = `npm start [-- --json]: runs all of Toolplane on this machine until Ctrl-C.

  --json           prints the addresses and keys as one line of JSON on stdout
  --help           prints this

  TOOLPLANE_HOME   the data folder; defaults to .toolplane/
  PORT_BASE        the first of eight consecutive ports; defaults to 7070, where ports that are taken are replaced
  EGRESS_…         settings of the data plane, such as EGRESS_ALLOW_CIDRS=10.0.0.0/8 for APIs in that network

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
  const progress = createProgress();
  const home = await openHome(folder, readPortBase(process.env['PORT_BASE']), PREFERRED_PORT_BASE);
  const platform = createPlatform(home, progress);
  const running = run(home, platform, progress, values.json);
  try {
    const stopped = await Promise.race([stopSignal, running]);
    progress.say(`${stopped}: stopping…`);
  } finally {
    await platform.stop();
    // Processes that were still starting have been stopped by now, too.
    await running.catch(() => undefined);
    home.close();
  }
});

async function run(home: Home, platform: Platform, progress: StartProgress, isJson: boolean): Promise<never> {
  const startedAt = performance.now();
  progress.say(`Starting in ${home.folder}…`);
  await generateDatabaseClient();
  const building = progress.phase('console and command line tool', build);
  await platform.start(building);
  const { keys, ports } = home;
  const [api, mcp, sampleApi] = [toBaseUrl(ports.api), toBaseUrl(ports.mcp), toBaseUrl(ports.sample)];
  const rest = createRestClient(api, keys.internalKey);
  const workspaceId = await ensureApiKey(rest, home, progress);
  const sample = await progress
    .phase('sample', () => startSample(rest, home, sampleApi))
    .catch((error) => {
      // Whatever people did to the sample, the platform and their own servers work without it.
      progress.warn(`the sample cannot be used, everything else works (${(error as Error).message})`);
      return undefined;
    });
  const addresses: LocalAddresses = {
    api,
    console: `${api}/console/`,
    mcp,
    apiKey: keys.apiKey,
    workspaceId,
    ...(await inviteOwner(rest)),
    ...(sample && { sampleServer: sample.server }),
    sampleApi,
    sampleKey: keys.sampleKey,
    egress: describeEgress(),
  };
  const envFile = join(home.folder, 'env');
  const cli = { node: process.execPath, file: (await building).cliFile };
  writeFileSync(envFile, toShellEnvironment(addresses, cli), { mode: 0o600 });
  progress.say(`Ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
  const shownEnvFile = relative(process.cwd(), envFile);
  process.stdout.write(isJson ? `${JSON.stringify(addresses)}\n` : greet(addresses, sample?.seen, shownEnvFile));
  return platform.watch();
}

async function build(): Promise<Built> {
  const [consoleFolder, cliFile] = await Promise.all([buildConsole(), buildCli()]);
  return { consoleFolder, cliFile };
}

async function startSample(rest: RestClient, home: Home, sampleApi: string) {
  const server = await deploySample(rest, sampleApi, home.keys.sampleKey);
  return { server, seen: await askAsAgent(server.url, home.keys.apiKey) };
}

/** Returns the workspace of the key that people use. If it was revoked or has expired, another key takes its place. */
async function ensureApiKey(rest: RestClient, home: Home, progress: StartProgress): Promise<string> {
  type Key = { workspaceId: string; expiresAt: string | null; revokedAt: string | null };
  const key = await rest.call<Key>('GET', `/api-keys/${parseApiKey(home.keys.apiKey)?.keyId}`);
  const isValid = key?.revokedAt === null && (key.expiresAt === null || Date.parse(key.expiresAt) > Date.now());
  if (isValid) return key.workspaceId;
  const request = { name: 'npm start', permissions: [...permissions] };
  const created = await rest.call<Key & { key: string }>('POST', '/api-keys', request);
  if (created === undefined) throw new LocalError('the control plane created no API key');
  home.replaceApiKey(created.key);
  progress.say('The API key of this folder is no longer valid: it was revoked or has expired. Here is another one.');
  return created.workspaceId;
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
