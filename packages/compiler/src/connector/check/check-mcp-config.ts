import type { Part } from '../../document/part.ts';
import { suggestName } from '../../document/suggest-name.ts';
import type { DescriptorDraft } from '../descriptor/draft.ts';
import type { RouteMapping } from '../descriptor/mcp-config-schema.ts';
import type { Operation } from '../descriptor/operation-schema.ts';
import { reportDuplicates } from './report-duplicates.ts';

export function checkMcpConfig(draft: DescriptorDraft): void {
  const { mcp_config: config, operations } = draft.connector;
  if (config === undefined) return;
  if (config.enabled) checkServer(draft);
  const { route_mappings: mappings } = config;
  const at = (index: number, ...path: string[]) => draft.at('mcp_config', 'route_mappings', index, ...path);
  reportDuplicates(
    mappings.map((mapping) => mapping.mcp_tool_name),
    (name, index) => {
      const message = `Duplicate tool "${name}"`;
      at(index, 'mcp_tool_name').error('duplicate_tool_name', message, 'Give each tool a unique name.');
    },
  );
  const byId = new Map(operations.map((operation, index) => [operation.operation_id, { operation, index }]));
  const ids = draft.names(['operation_id'], 'operations');
  const isAnyUnnamed = draft.hasUnnamed(['operation_id'], 'operations');
  for (const [index, mapping] of mappings.entries()) {
    const found = byId.get(mapping.operation_id);
    if (found !== undefined) {
      const hasUnnamed = draft.hasUnnamed(['name'], 'operations', found.index, 'parameters');
      checkParameterMappings(found.operation, mapping, at(index, 'parameter_mappings'), hasUnnamed);
    } else if (!isAnyUnnamed) {
      const hint = suggestName(mapping.operation_id, [...ids], 'Available');
      const message = `There is no operation "${mapping.operation_id}"`;
      at(index, 'operation_id').error('unknown_operation', message, hint);
    }
  }
}

function checkServer(draft: DescriptorDraft): void {
  const config = draft.at('mcp_config');
  const {
    server_name: name,
    server_description: description,
    route_mappings: mappings,
  } = draft.connector.mcp_config ?? { route_mappings: [] };
  if (name === undefined && config.member('server_name') === undefined) {
    config.error(
      'missing_key',
      'An enabled server requires "server_name"',
      'Add "server_name", or write enabled: false.',
    );
  }
  if (description === undefined && config.member('server_description') === undefined) {
    const hint = 'Say in a sentence what the tools are for.';
    config.warn('missing_description', 'The server has no server_description', hint);
  }
  if (mappings.length === 0) {
    config.warn('no_tools', 'No operation is mapped, so the server has no tools', 'Add "route_mappings".');
  }
}

function checkParameterMappings(
  operation: Operation,
  { parameter_mappings: mappings }: RouteMapping,
  part: Part,
  hasUnnamed: boolean,
): void {
  const { operation_id: id, parameters } = operation;
  for (const name of Object.keys(mappings)) {
    const parameter = parameters.find((each) => each.name === name);
    const place = part.place(name);
    if (parameter === undefined && !hasUnnamed) {
      const names = parameters.filter(({ hidden }) => !hidden).map((each) => each.name);
      const message = `The operation "${id}" has no parameter "${name}"`;
      place.error('unknown_parameter', message, suggestName(name, names, 'It has'), { at: 'key' });
    } else if (parameter?.hidden) {
      const message = `The parameter "${name}" is hidden: no model sees it`;
      place.error('hidden_parameter', message, 'Remove the mapping, or show the parameter.', { at: 'key' });
    }
  }
  checkTargets(operation, mappings, part);
}

/** Checks the new names together with the parameters that keep their names. */
function checkTargets({ parameters }: Operation, mappings: Record<string, string>, part: Part): void {
  const taken = new Map<string, string>();
  const visible = parameters.filter(({ hidden, name }) => !hidden && !Object.hasOwn(mappings, name));
  for (const { name } of visible) taken.set(name, name);
  for (const [name, target] of Object.entries(mappings)) {
    const other = taken.get(target);
    if (other !== undefined) {
      const message = `"${name}" and "${other}" would both be "${target}"`;
      part.place(name).error('duplicate_parameter', message, 'Choose another name.');
    }
    taken.set(target, name);
  }
}
