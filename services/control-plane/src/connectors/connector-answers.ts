import type { ConnectorSummary } from '../catalogue/connector-summary.ts';
import type { DiffAnswer } from '../servers/documents/compiling/connector-tasks.ts';
import type { ConnectorVersion, ListedConnector } from './store.ts';

/** Connectors as the REST API shows them, with the field names of descriptors. */

export function toConnectorAnswer({ toolsCount, activeVersion, createdAt, ...connector }: ListedConnector) {
  return { ...connector, tools_count: toolsCount, active_version: activeVersion, created_at: createdAt };
}

export function toVersionAnswer({ version, sha256, toolsCount, isActive, ...rest }: Omit<ConnectorVersion, 'id'>) {
  return {
    version,
    sha256,
    tools_count: toolsCount,
    is_active: isActive,
    created_at: rest.createdAt,
    deprecated_at: rest.deprecatedAt,
    deprecation_message: rest.deprecationMessage,
  };
}

export function toSummaryAnswer({
  metadata: { summary, documentation_url, configuration },
  ...rest
}: ConnectorSummary) {
  return { summary, documentation_url, configuration, ...rest };
}

export function toDiffAnswer({ isBreaking, changesCount, changes }: DiffAnswer) {
  return {
    is_breaking: isBreaking,
    changes_count: changesCount,
    changes: changes.map(({ isBreaking, ...change }) => ({ ...change, is_breaking: isBreaking })),
  };
}
