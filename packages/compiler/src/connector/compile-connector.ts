import type { Plan } from '@toolplane/contracts';
import type { CompiledDocument, CompiledTool, CompileOptions, ConnectorTarget } from '../compiled-document.ts';
import type { Part } from '../document/part.ts';
import { suggestName } from '../document/suggest-name.ts';
import { checkConnector } from './check/check-connector.ts';
import { fieldProblem } from './check/check-fields.ts';
import { ConfigurationError, withDefaults } from './compile/fill-configuration.ts';
import { toConnectionTest } from './compile/to-connection-test.ts';
import { type ConnectorSite, toTool } from './compile/to-tool.ts';
import type { Authentication } from './descriptor/authentication-schema.ts';
import { idOf } from './descriptor/credential-fields.ts';
import { type Draft, readShape } from './descriptor/read-shape.ts';

/** A descriptor to the plans of one instance. What comes back may be called only when no problem is an error. */
export function compileConnector(root: Part, options: CompileOptions): (() => CompiledDocument) | undefined {
  const draft = readShape(root);
  if (draft === undefined) return undefined;
  checkConnector(draft, options);
  const target = options.connector;
  if (target === undefined) {
    const hint = 'Register it as a connector, then make an instance of it.';
    draft
      .at('metadata')
      .error('connector_needs_instance', 'A connector runs for an instance of it', hint, { at: 'key' });
  }
  if (target === undefined || root.problems.errors().length > 0) return undefined;
  const compiled = compileFor(draft, target, options);
  return () => compiled;
}

function compileFor(draft: Draft, target: ConnectorTarget, options: CompileOptions): CompiledDocument {
  const { connector } = draft;
  const { ownerId, instanceId } = target;
  const { workspaceId, serverId, allowedHosts } = options;
  checkConfiguration(draft, target);
  const configuration = withDefaults(connector, target.configuration);
  const site = { connector, workspaceId, serverId, allowedHosts, ownerId, instanceId, configuration };
  const authentication = findAuthentication(draft, target);
  const tools = compileTools(draft, site, target);
  const connectionTest = authentication && compileTest(draft, site, authentication);
  const { enabled = false, server_name: title, server_description: description } = connector.mcp_config ?? {};
  return {
    id: connector.metadata.slug,
    ...(enabled && title !== undefined ? { title } : {}),
    ...(enabled && description !== undefined ? { description } : {}),
    tools,
    ...(connectionTest === undefined ? {} : { connectionTest }),
  };
}

function findAuthentication(draft: Draft, { authentication: id }: ConnectorTarget): Authentication | undefined {
  const { authentication: all } = draft.connector;
  const found = all.find((each) => idOf(each) === id);
  if (found === undefined && id !== 'none') {
    const hint = suggestName(id, all.map(idOf), 'There are');
    const message = `The instance signs in with "${id}", which the connector does not have`;
    draft.at('authentication').error('unknown_authentication', message, hint);
  }
  return found;
}

function compileTools(draft: Draft, site: ConnectorSite, target: ConnectorTarget): CompiledTool[] {
  const { mcp_config: config, operations, authentication: all } = draft.connector;
  if (!config?.enabled) return [];
  const indexes = new Map(operations.map(({ operation_id: id }, index) => [id, index]));
  return config.route_mappings.flatMap((mapping, at): CompiledTool[] => {
    const index = indexes.get(mapping.operation_id) ?? 0;
    const operation = operations[index];
    if (operation === undefined) return [];
    const { auth_type_ref: ref } = operation;
    if (ref !== undefined && ref !== target.authentication) {
      const message = `"${mapping.operation_id}" needs "${ref}", and this instance signs in with "${target.authentication}"`;
      const hint = 'It is no tool of this instance.';
      draft.at('mcp_config', 'route_mappings', at, 'operation_id').warn('operation_left_out', message, hint);
      return [];
    }
    const authentication = all.find((each) => idOf(each) === ref);
    const compiled = reporting(draft.at('operations', index, 'endpoint'), () => {
      return toTool(site, { operation, mapping, authentication });
    });
    return compiled === undefined ? [] : [compiled];
  });
}

function compileTest(draft: Draft, site: ConnectorSite, authentication: Authentication): Plan | undefined {
  const index = draft.connector.authentication.indexOf(authentication);
  const part = draft.at('authentication', index, 'test_endpoint', 'url');
  return reporting(part, () => toConnectionTest(site, authentication));
}

function reporting<T>(part: Part, compile: () => T): T | undefined {
  try {
    return compile();
  } catch (thrown) {
    if (!(thrown instanceof ConfigurationError)) throw thrown;
    const code = thrown.isMissing ? 'missing_configuration' : 'invalid_configuration';
    part.error(code, thrown.message, `Set "${thrown.key}" in the configuration of the instance.`);
    return undefined;
  }
}

/** What an instance configures, where the descriptor says what it is. */
function checkConfiguration(draft: Draft, { configuration }: ConnectorTarget): void {
  for (const [index, field] of draft.connector.metadata.configuration.entries()) {
    const value = Object.hasOwn(configuration, field.key) ? configuration[field.key] : undefined;
    const place = draft.at('metadata', 'configuration', index);
    const hint = `Set "${field.key}" in the configuration of the instance.`;
    if (value === undefined || value === '') {
      if (!field.required || field.default_value !== undefined) continue;
      place.error('missing_configuration', `The configuration has no "${field.key}"`, hint);
      continue;
    }
    const problem = fieldProblem(field, value);
    if (problem === undefined) continue;
    place.error('invalid_configuration', `The configuration "${field.key}" ${problem}`, hint);
  }
}
