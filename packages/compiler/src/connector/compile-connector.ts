import { definedOnly, type Plan } from '@toolplane/contracts';
import type { CompiledDocument, CompiledTool, CompileOptions, ConnectorTarget } from '../compiled-document.ts';
import type { Part } from '../document/part.ts';
import { suggestName } from '../document/suggest-name.ts';
import { checkConfiguration } from './check/check-configuration.ts';
import { checkConnector } from './check/check-connector.ts';
import { ConfigurationError, withDefaults } from './compile/fill-configuration.ts';
import { toConnectionTest } from './compile/to-connection-test.ts';
import { type InstanceContext, toTool } from './compile/to-tool.ts';
import type { Authentication } from './descriptor/authentication-schema.ts';
import { idOf } from './descriptor/credential-fields.ts';
import type { DescriptorDraft } from './descriptor/draft.ts';
import { readShape } from './descriptor/read-shape.ts';

/**
 * Compiles a descriptor to the plans of one instance. The returned function may be called only if no problem is an
 * error.
 */
export function compileConnector(root: Part, options: CompileOptions): (() => CompiledDocument) | undefined {
  const draft = readShape(root, (each) => checkConnector(each, options));
  const target = options.connector;
  if (target === undefined) {
    const hint = 'Register it as a connector, then make an instance of it.';
    root
      .place('metadata')
      .error('connector_needs_instance', 'A connector runs for an instance of it', hint, { at: 'key' });
  }
  if (draft === undefined || target === undefined || root.problems.errors().length > 0) return undefined;
  const compiled = compileFor(draft, target, options);
  return () => compiled;
}

function compileFor(draft: DescriptorDraft, target: ConnectorTarget, options: CompileOptions): CompiledDocument {
  const { connector } = draft;
  const { ownerId, instanceId } = target;
  const { workspaceId, serverId, allowedHosts } = options;
  const report = createReport(checkConfiguration(draft, target.configuration));
  const configuration = withDefaults(connector, target.configuration);
  const context = { connector, workspaceId, serverId, allowedHosts, ownerId, instanceId, configuration };
  const authentication = findAuthentication(draft, target);
  const tools = compileTools(draft, context, { target, report });
  const connectionTest = authentication && compileTest(draft, context, { authentication, report });
  const { enabled = false, server_name: title, server_description: description } = connector.mcp_config ?? {};
  return {
    id: connector.metadata.slug,
    ...(enabled ? definedOnly({ title, description }) : {}),
    tools,
    ...(connectionTest === undefined ? {} : { connectionTest }),
  };
}

function findAuthentication(
  draft: DescriptorDraft,
  { authentication: id }: ConnectorTarget,
): Authentication | undefined {
  const { authentication: all } = draft.connector;
  const found = all.find((each) => idOf(each) === id);
  if (found === undefined && id !== 'none') {
    const hint = suggestName(id, all.map(idOf), 'Available');
    const message = `The instance signs in with "${id}", which the connector does not have`;
    draft.at('authentication').error('unknown_authentication', message, hint);
  }
  return found;
}

function compileTools(
  draft: DescriptorDraft,
  context: InstanceContext,
  { target, report }: { target: ConnectorTarget; report: Report },
): CompiledTool[] {
  const { mcp_config: config, operations, authentication: all } = draft.connector;
  if (!config?.enabled) return [];
  const indexes = new Map(operations.map(({ operation_id: id }, index) => [id, index]));
  return config.route_mappings.flatMap((mapping, at): CompiledTool[] => {
    const index = indexes.get(mapping.operation_id) ?? 0;
    const operation = operations[index];
    if (operation === undefined) return [];
    const { auth_type_ref: ref } = operation;
    const authentication = all.find((each) => idOf(each) === ref);
    const needsCredentials = authentication !== undefined && authentication.type !== 'none';
    if (needsCredentials && ref !== target.authentication) {
      const message = `"${mapping.operation_id}" requires "${ref}", but this instance signs in with "${target.authentication}"`;
      const hint = 'It is not a tool of this instance.';
      draft.at('mcp_config', 'route_mappings', at, 'operation_id').warn('operation_left_out', message, hint);
      return [];
    }
    const compiled = report(draft.at('operations', index, 'endpoint'), () => {
      return toTool(context, { operation, mapping, authentication });
    });
    return compiled === undefined ? [] : [compiled];
  });
}

function compileTest(
  draft: DescriptorDraft,
  context: InstanceContext,
  { authentication, report }: { authentication: Authentication; report: Report },
): Plan | undefined {
  const index = draft.connector.authentication.indexOf(authentication);
  const part = draft.at('authentication', index, 'test_endpoint', 'url');
  return report(part, () => toConnectionTest(context, authentication));
}

type Report = <T>(part: Part, compile: () => T) => T | undefined;

/** Many URLs may use one key of the configuration, but its problem is reported only once. */
function createReport(reported: Set<string>): Report {
  return (part, compile) => {
    try {
      return compile();
    } catch (thrown) {
      if (!(thrown instanceof ConfigurationError)) throw thrown;
      const { key, isMissing, message } = thrown;
      const code = isMissing ? 'missing_configuration' : 'invalid_configuration';
      if (!reported.has(key)) part.error(code, message, `Set "${key}" in the configuration of the instance.`);
      reported.add(key);
      return undefined;
    }
  };
}
