import type { McpServer } from '../servers/server.ts';

/** `Secret` of the API: everything that can be read about a secret. */
export type Secret = {
  name: string;
  hosts: string[];
  /** The version in use. */
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
  /** When the version will be deleted. Null for the version in use and for the newest one. */
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

/** A step that sends the secret to a host for which it was not sealed. */
export type UncoveredStep = { tool: string; step: string; host: string };

export function secretsOf(server: McpServer): string {
  return `/mcp-servers/${server.id}/secrets`;
}

export function secretAt(server: McpServer, name: string): string {
  return `${secretsOf(server)}/${encodeURIComponent(name)}`;
}
