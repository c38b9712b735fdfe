import type { Diagnostic } from '@toolplane/contracts';
import type { State } from '../parts/state.ts';

/** `McpServer` of the API. */
export type McpServer = {
  id: string;
  slug: string;
  name: string;
  description: string | null;
  /** The URL of the MCP endpoint. */
  url: string;
  state: 'stopped' | 'running' | 'errored';
  isStopped: boolean;
  isArchived: boolean;
  mode: 'SMART' | 'NORMAL';
  pool: string | null;
  isPublic: boolean;
  config: { allowedHosts: string[]; allowSharedConnections: boolean };
  /** The owner's own authorization server. Null if tokens come from that of the platform, if there is one. */
  oauth: { issuer: string } | null;
  /** The base URLs that replace those of sources, by the name of the source description. */
  sourceServers: Record<string, string>;
  version: number;
  activeDeploymentId: string | null;
  /** Set if the server belongs to a connector instance, where it is managed. */
  connectorInstanceId: string | null;
  createdAt: string;
  updatedAt: string;
};

/** `McpServerConfig` of the API: what clients see of a server, and what is missing. */
export type ServerConfig = {
  tools: ToolOfServer[];
  metaTools: string[];
  /** The slugs of selected tools that are not in the catalogue. */
  missing: string[];
  leftOut: { slug: string; reason: string }[];
  missingSecrets: MissingSecret[];
  /** Advice on the names and the number of the tools, one entry for each code. */
  diagnostics: Diagnostic[];
};

/**
 * A secret that the deployment uses and that is not set. `hosts` are those to which it would be sent, if known before a
 * call.
 */
export type MissingSecret = { name: string; usedBy: { tool: string; steps: string[] }[]; hosts: string[] };

export type ToolOfServer = { name: string; description?: string; inputSchema: JsonSchema };

/** The part of JSON Schema that is shown. */
export type JsonSchema = {
  type?: string | string[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  enum?: unknown[];
  default?: unknown;
};

export const MODES: Readonly<Record<McpServer['mode'], string>> = { NORMAL: 'Normal', SMART: 'Smart' };

/** The state of a server in one word. A server without a deployment has nothing to run. */
export function stateOf(server: McpServer): State {
  if (server.isArchived) return { label: 'archived', tone: 'idle' };
  if (server.isStopped) return { label: 'stopped', tone: 'idle' };
  if (server.state === 'errored') return { label: 'errored', tone: 'bad' };
  if (server.state === 'running') return { label: 'running', tone: 'good' };
  return { label: 'nothing deployed', tone: 'warning' };
}

/** Why agents find no tools of this server, and what to do. */
export function whyNoTools({ isArchived, isStopped, mode }: McpServer): string {
  // An archived server is also stopped, and cannot be started.
  if (isArchived)
    return 'The server is archived: its clients are told that it is stopped, and no agent finds its tools. Unarchive it, and then start it.';
  if (isStopped)
    return 'The server is stopped: its clients are told so, and no agent finds its tools until it is started again.';
  if (mode === 'SMART') return 'This server declares no tools of its own.';
  return 'There are no tools yet. Write a document that declares them, and deploy it.';
}
