import type { SeenByAgent } from './sample/ask-as-agent.ts';
import type { SampleServer } from './sample/deploy.ts';
import { egressAllowCidrs } from './services.ts';

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
  sampleServer: SampleServer;
  sampleApi: string;
  /** The credential that the sample API accepts. */
  sampleKey: string;
  egress: { allowCidrs: string[]; note: string };
};

export function describeEgress(): LocalAddresses['egress'] {
  return {
    allowCidrs: egressAllowCidrs,
    note: 'Local mode: tools may reach this machine over http. Never use it in production.',
  };
}

export function greet(addresses: LocalAddresses, seen: SeenByAgent): string {
  const { api, mcp, apiKey, sampleServer, sampleApi, sampleKey, ownerLink } = addresses;
  const webConsole = ownerLink === undefined ? addresses.console : `${ownerLink}  (makes you the owner, once)`;
  const header = `x-api-key: ${apiKey}`;
  const entry = { url: sampleServer.url, headers: { 'x-api-key': apiKey } };
  const inspector = `npx @modelcontextprotocol/inspector --cli ${sampleServer.url} --transport http`;
  return `
Toolplane is ready.

  Console       ${webConsole}
  REST API      ${api}/api/v1        (description: ${api}/api/v1/openapi.json)
  MCP           ${mcp}/mcp/{server}
  API key       ${apiKey}
  Sample API    ${sampleApi}        (a fictional night train company)
  Its key       ${sampleKey}

An agent that connects to ${sampleServer.url} finds ${seen.tools.length} tools:
  ${seen.tools.join(', ')}
and, asking ${seen.tool} with ${JSON.stringify(seen.arguments)}, sees only this:
${indent(JSON.stringify(seen.result, null, 2))}

Connect your own:
  Terminal      curl -fsSO ${api}/cli/toolplane.mjs    (Node 22 or newer; docs/how-to/cli.md)
  Claude Code   claude mcp add --transport http nightline ${sampleServer.url} --header "${header}"
  Cursor        ${JSON.stringify({ mcpServers: { nightline: entry } })}
  Inspector     ${inspector} --header "${header}" --method tools/list    (Node 22.19 or newer)

Local mode lets tools reach this machine (${egressAllowCidrs.join(', ')}); production does not.
Ctrl-C stops everything; the data stays.
`;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
