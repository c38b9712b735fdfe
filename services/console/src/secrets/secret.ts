import type { McpServer } from '../servers/server.ts';

/** `Secret` of the API: all that can be read of one. */
export type Secret = {
  name: string;
  hosts: string[];
  /** The one in use. */
  version: number;
  newestVersion: number;
  isPinned: boolean;
  isRedactable: boolean;
  createdAt: string;
  updatedAt: string;
  lastUsedAt: string | null;
};

/** `SecretVersion` of the API. */
export type SecretVersion = {
  version: number;
  hosts: string[];
  createdAt: string;
  /** When it is deleted; null for the version in use and for the newest. */
  retiresAt: string | null;
  lastUsedAt: string | null;
};

/** `SecretDetails` of the API. */
export type SecretDetails = Secret & {
  versions: SecretVersion[];
  deploymentId: string | null;
  usedBy: { tool: string; steps: string[] }[];
  uncovered: UncoveredStep[];
};

/** What sends the secret to a host that it was not sealed for. */
export type UncoveredStep = { tool: string; step: string; host: string };

export function secretsOf(server: McpServer): string {
  return `/mcp-servers/${server.id}/secrets`;
}

export function secretAt(server: McpServer, name: string): string {
  return `${secretsOf(server)}/${encodeURIComponent(name)}`;
}
