import type { LeftOut } from './external-server.ts';

/** `LoadedTools` of the API: the result of inspecting an MCP server. */
export type LoadedTools = {
  server: { name: string; title?: string; version: string };
  tools: { name: string; title?: string; description?: string }[];
  promptsCount: number;
  resourcesCount: number;
  leftOut: LeftOut[];
};
