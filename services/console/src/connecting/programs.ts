import {
  type Access,
  type ClientConfig,
  KEY_VARIABLE,
  type ServerEndpoint,
  TOKEN_VARIABLE,
  toJson,
  toKeyHeaders,
} from './client-config.ts';

export function toPrograms(endpoint: ServerEndpoint): ClientConfig[] {
  return [
    toResponsesApi(endpoint),
    toMessagesApi(endpoint),
    toAiSdk(endpoint),
    toAgentsSdk(endpoint),
    toLangChain(endpoint),
  ];
}

const ACCESS_TOKEN = 'your access token';

function toResponsesApi({ name, url, access }: ServerEndpoint): ClientConfig {
  const tool = {
    type: 'mcp',
    server_label: name,
    server_url: url,
    headers: toKeyHeaders(access, 'your key'),
    authorization: access === 'sign-in' ? ACCESS_TOKEN : undefined,
  };
  return {
    client: 'OpenAI Responses API',
    where: 'in the body of a request; the endpoint must be reachable from the internet',
    text: toJson({ tools: [tool] }),
  };
}

const TOKENS: Readonly<Record<Access, string | undefined>> = {
  nothing: undefined,
  key: 'your key',
  'sign-in': ACCESS_TOKEN,
};

function toMessagesApi({ name, url, access }: ServerEndpoint): ClientConfig {
  const server = { type: 'url', url, name, authorization_token: TOKENS[access] };
  return {
    client: 'Anthropic Messages API',
    where:
      'in the body of a request with the header anthropic-beta: mcp-client-2025-11-20; the endpoint must be reachable from the internet over https',
    text: toJson({ mcp_servers: [server], tools: [{ type: 'mcp_toolset', mcp_server_name: name }] }),
  };
}

function toAiSdk({ url, access }: ServerEndpoint): ClientConfig {
  const transport = toLiteral([`type: 'http'`, `url: '${url}'`, ...toHeaders(access)]);
  return {
    client: 'Vercel AI SDK',
    where: toCode(access),
    text: `import { createMCPClient } from '@ai-sdk/mcp';\n\nconst client = await createMCPClient({ transport: ${transport} });`,
  };
}

function toAgentsSdk({ url, access }: ServerEndpoint): ClientConfig {
  const requestInit = toHeaders(access).map((headers) => `requestInit: { ${headers} }`);
  const options = toLiteral([`url: '${url}'`, ...requestInit]);
  return {
    client: 'OpenAI Agents SDK',
    where: toCode(access),
    text: `import { MCPServerStreamableHttp } from '@openai/agents';\n\nconst server = new MCPServerStreamableHttp(${options});`,
  };
}

function toLangChain({ name, url, access }: ServerEndpoint): ClientConfig {
  const server = toLiteral([`transport: 'http'`, `url: '${url}'`, ...toHeaders(access)]);
  return {
    client: 'LangChain',
    where: toCode(access),
    text: `import { MultiServerMCPClient } from '@langchain/mcp-adapters';\n\nconst client = new MultiServerMCPClient({ mcpServers: { '${name}': ${server} } });`,
  };
}

function toHeaders(access: Access): string[] {
  if (access === 'nothing') return [];
  if (access === 'key') return [`headers: { 'x-api-key': process.env.${KEY_VARIABLE} }`];
  return [`headers: { authorization: \`Bearer \${process.env.${TOKEN_VARIABLE}}\` }`];
}

/** An object literal with one member per line. */
function toLiteral(members: readonly string[]): string {
  return `{\n${members.map((member) => `  ${member},\n`).join('')}}`;
}

function toCode(access: Access): string {
  const where = 'in a program in TypeScript or JavaScript';
  if (access === 'nothing') return where;
  return access === 'key'
    ? `${where}, with your key in ${KEY_VARIABLE}`
    : `${where}, with an access token in ${TOKEN_VARIABLE}`;
}
