import type { McpServer } from '@toolplane/api-client';
import type { State } from '../parts/state.ts';

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
