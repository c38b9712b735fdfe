import type { SeenByAgent } from './sample/ask-as-agent.ts';
import type { SampleServer } from './sample/deploy.ts';
import { egressSettings } from './services.ts';

/** What `npm start -- --json` prints as one line of JSON, for programs. */
export type LocalAddresses = {
  api: string;
  /** The web console. */
  console: string;
  mcp: string;
  apiKey: string;
  workspaceId: string;
  /** The link with which a person becomes the owner, once; absent if an owner exists. */
  ownerLink?: string;
  /** Absent if the sample could not be deployed. */
  sampleServer?: SampleServer;
  sampleApi: string;
  /** The credential that the sample API accepts. */
  sampleKey: string;
  egress: { allowCidrs: string[]; note: string };
};

export function describeEgress(environment = process.env): LocalAddresses['egress'] {
  return {
    allowCidrs: String(egressSettings(environment)['EGRESS_ALLOW_CIDRS']).split(','),
    note: 'Local mode: tools may reach this machine over http. Never use it in production.',
  };
}

/** One screen: the console, one call and its answer, and the line that connects an agent. */
export function greet(addresses: LocalAddresses, seen: SeenByAgent | undefined, envFile: string): string {
  const { api, apiKey, sampleServer, ownerLink } = addresses;
  const webConsole = ownerLink === undefined ? addresses.console : `${ownerLink}  (makes you the owner, once)`;
  const name = seen === undefined ? 'SERVER' : 'nightline';
  const url = (seen && sampleServer?.url) ?? `${addresses.mcp}/mcp/SERVER`;
  const answer =
    seen === undefined
      ? ''
      : `
  A call     ${seen.tool} ${toJson(seen.arguments)}
  returns    ${toJson(seen.result)}
`;
  return `
Toolplane is ready.

  Console    ${webConsole}
${answer}
  Connect    claude mcp add --transport http ${name} ${url} --header "x-api-key: ${apiKey}"
  Terminal   . ${envFile}    (sets API, KEY, SAMPLE, SAMPLE_KEY and the command toolplane)
  REST API   ${api}/api/v1/openapi.json

Other clients: README.md. Ctrl-C stops everything; the data stays.
`;
}

/** The commands that a shell reads with `. .toolplane/env`: addresses and keys as variables, and the command line tool. */
export function toShellEnvironment(addresses: LocalAddresses, cli: { node: string; file: string }): string {
  const { api, apiKey, sampleApi, sampleKey } = addresses;
  const variables = Object.entries({
    API: api,
    KEY: apiKey,
    SAMPLE: sampleApi,
    SAMPLE_KEY: sampleKey,
    TOOLPLANE_API: api,
    TOOLPLANE_API_KEY: apiKey,
  });
  return `# Written by npm start, for bash, zsh and other POSIX shells: . .toolplane/env
${variables.map(([name, value]) => `export ${name}=${quote(value)}`).join('\n')}
toolplane() { ${quote(cli.node)} ${quote(cli.file)} "$@"; }
`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** JSON on one line, without the outputs that have no value. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, field) => field ?? undefined);
}
