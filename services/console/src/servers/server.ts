import type { State } from '../parts/state.ts';

/** `McpServer` of the API. */
export type McpServer = {
  id: string;
  slug: string;
  name: string;
  description: string | null;
  /** Of its MCP endpoint. */
  url: string;
  state: 'stopped' | 'running' | 'errored';
  isStopped: boolean;
  isArchived: boolean;
  mode: 'SMART' | 'NORMAL';
  pool: string | null;
  isPublic: boolean;
  /** By the name of a source description: the base URL that is used in place of its own. */
  sourceServers: Record<string, string>;
  version: number;
  activeDeploymentId: string | null;
  /** It is that of a connector's instance, and managed there. */
  connectorInstanceId: string | null;
  createdAt: string;
  updatedAt: string;
};

/** `McpServerConfig` of the API: what clients see of a server, and what became of what it was to offer. */
export type ServerConfig = {
  tools: ToolOfServer[];
  metaTools: string[];
  /** Slugs of tools that were selected and are nowhere. */
  missing: string[];
  leftOut: { slug: string; reason: string }[];
  missingSecrets: MissingSecret[];
};

/** Used by what runs, and not set. `hosts`: where it would go, as far as that is known before a call. */
export type MissingSecret = { name: string; usedBy: { tool: string; steps: string[] }[]; hosts: string[] };

export type ToolOfServer = { name: string; description?: string; inputSchema: JsonSchema };

/** As much of JSON Schema as is shown. */
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

/** What it is doing, in one word. A server without a deployment has nothing to run. */
export function stateOf(server: McpServer): State {
  if (server.isArchived) return { label: 'archived', tone: 'idle' };
  if (server.isStopped) return { label: 'stopped', tone: 'idle' };
  if (server.state === 'errored') return { label: 'errored', tone: 'bad' };
  if (server.state === 'running') return { label: 'running', tone: 'good' };
  return { label: 'nothing deployed', tone: 'warning' };
}
