import type { McpServer } from '@toolplane/api-client';
import { toHosts } from '../egress/host-text.ts';
import { MODES } from './server.ts';

/** The values that somebody has typed into the settings of a server. */
export type SettingsDraft = {
  name: string;
  description: string;
  mode: McpServer['mode'];
  isPublic: boolean;
  /** One host per line. */
  allowedHosts: string;
  allowSharedConnections: boolean;
};

export function toDraft({ name, description, mode, isPublic, config }: McpServer): SettingsDraft {
  const { allowedHosts, allowSharedConnections } = config;
  const hosts = allowedHosts.join('\n');
  return { name, description: description ?? '', mode, isPublic, allowedHosts: hosts, allowSharedConnections };
}

/**
 * The body of the request. The hosts of a connector cannot be changed at its server, so they are undefined, which JSON
 * leaves out.
 */
export function toSettings(draft: SettingsDraft, { connectorInstanceId }: McpServer) {
  const { name, description, mode, isPublic, allowSharedConnections } = draft;
  const allowedHosts = connectorInstanceId === null ? toHosts(draft.allowedHosts) : undefined;
  return { name, description, mode, isPublic, config: { allowedHosts, allowSharedConnections } };
}

export function areSame(draft: SettingsDraft, server: McpServer): boolean {
  return JSON.stringify(toSettings(draft, server)) === JSON.stringify(toSettings(toDraft(server), server));
}

/** The settings in words, for a person who has to compare them. */
export function toFacts({ name, description, mode, isPublic, config }: McpServer) {
  return {
    Name: name,
    Description: description,
    Mode: MODES[mode],
    Public: isPublic ? 'yes' : 'no',
    'Shared connections': config.allowSharedConnections ? 'yes' : 'no',
    'Allowed hosts': config.allowedHosts.join(', '),
  };
}
