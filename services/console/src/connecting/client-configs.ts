import { toChatApplications } from './chat-applications.ts';
import type { ClientConfig, ServerEndpoint } from './client-config.ts';
import { toCodingAgents } from './coding-agents.ts';
import { toPrograms } from './programs.ts';
import { toTerminalCommands } from './terminal-commands.ts';

type ClientGroup = { group: string; clients: ClientConfig[] };

/** The texts that people paste into their clients. The key remains in their environment, or the client asks for it. */
export function toClientConfigs(endpoint: ServerEndpoint): ClientGroup[] {
  return [
    { group: 'Coding agents', clients: toCodingAgents(endpoint) },
    { group: 'Chat applications', clients: toChatApplications(endpoint) },
    { group: 'APIs and libraries', clients: toPrograms(endpoint) },
    { group: 'Terminal', clients: toTerminalCommands(endpoint) },
  ];
}
