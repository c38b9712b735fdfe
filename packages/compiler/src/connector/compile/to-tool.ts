import {
  type Condition,
  definedOnly,
  type JsonObject,
  listNarrowingInputs,
  type Plan,
  type PlanPagination,
  type PlanStep,
  planLimits,
} from '@toolplane/contracts';
import { parsePicked } from '@toolplane/expressions';
import type { CompiledTool } from '../../compiled-document.ts';
import { isRepeatable, toAnnotations } from '../../tools/tool-annotations.ts';
import type { Authentication } from '../descriptor/authentication-schema.ts';
import type { Connector } from '../descriptor/connector-schema.ts';
import { credentialTemplates } from '../descriptor/credential-templates.ts';
import type { RouteMapping } from '../descriptor/mcp-config-schema.ts';
import type { Operation } from '../descriptor/operation-schema.ts';
import { isNamed } from '../descriptor/wire-name.ts';
import type { InstanceConfiguration } from './fill-configuration.ts';
import { toConnection } from './to-connection.ts';
import { toInputSchema } from './to-input-schema.ts';
import { toRequest } from './to-request.ts';

/** The connector, workspace, server and instance for which plans are compiled. */
export type InstanceContext = {
  connector: Connector;
  workspaceId: string;
  serverId: string;
  allowedHosts: readonly string[];
  ownerId: string;
  instanceId: string;
  configuration: InstanceConfiguration;
};

type Mapped = { operation: Operation; mapping: RouteMapping; authentication: Authentication | undefined };

const BODY = ['response', 'body'];
const STATUS: Condition = { kind: 'reference', path: ['response', 'status'] };

/** Throws `ConfigurationError`. */
export function toTool(context: InstanceContext, { operation, mapping, authentication }: Mapped): CompiledTool {
  const { mcp_tool_name: name, mcp_tool_description: description, max_output_bytes: outputBytesMax } = mapping;
  const inputSchema = toInputSchema(operation, mapping);
  const narrowingInputs = listNarrowingInputs(inputSchema, { isPaged: false });
  const credentials = credentialTemplates(operation, authentication) ?? { headers: [], query: [] };
  const request = toRequest(operation, { mapping, credentials, configuration: context.configuration });
  const rateLimits = toRateLimits(context.connector);
  return {
    tool: {
      name,
      description,
      inputSchema,
      outputSchema,
      annotations: { ...toAnnotations([operation]), ...definedOnly(mapping.annotations ?? {}) },
      deadlineMs: planLimits.deadlineMsDefault,
      usesConnection: true,
      isRepeatable: isRepeatable([operation]),
    },
    plan: {
      ...planOf(context, name),
      ...(outputBytesMax === undefined ? {} : { outputBytesMax }),
      connection: {
        ...toConnection(context.connector, context, { authentication, credentials }),
        ...(rateLimits.length === 0 ? {} : { rateLimits }),
      },
      steps: [toStep(operation, request)],
      outputs: [['result', { kind: 'reference', path: ['steps', operation.operation_id, 'outputs', 'result'] }]],
      ...(narrowingInputs.length === 0 ? {} : { narrowingInputs }),
    },
  };
}

export function planOf(
  { workspaceId, serverId, allowedHosts }: InstanceContext,
  tool: string,
): Omit<Plan, 'steps' | 'outputs'> {
  return {
    version: 1,
    workspaceId,
    serverId,
    tool,
    allowedHosts: [...allowedHosts],
    deadlineMs: planLimits.deadlineMsDefault,
    outputBytesMax: planLimits.outputBytesMax,
    analytics: [],
  };
}

/** Either the result, or the error of a failed call. */
const outputSchema: JsonObject = {
  type: 'object',
  properties: { result: {} },
  anyOf: [{ required: ['result'] }, { required: ['code', 'message', 'outcome'] }],
};

function toStep(operation: Operation, request: PlanStep['request'] & object): PlanStep {
  const { operation_id: id, response = {} } = operation;
  const { pick, error_pick: errorPick, max_bytes: bytesMax } = response;
  const result = pick === undefined ? { kind: 'reference' as const, path: BODY } : parsePicked(pick, BODY);
  const explanation = errorPick === undefined ? {} : { explanation: parsePicked(errorPick, BODY) };
  return {
    id,
    request,
    secrets: [],
    ...definedOnly({ pagination: toPagination(operation), responseBytesMax: bytesMax }),
    outputs: [['result', result]],
    actions: [],
    failure: { succeeds: isSuccess, actions: [], ...explanation },
  };
}

const isSuccess: Condition = {
  kind: 'and',
  of: [
    { kind: 'compare', operator: '>=', left: STATUS, right: { kind: 'literal', value: 200 } },
    { kind: 'compare', operator: '<', left: STATUS, right: { kind: 'literal', value: 300 } },
  ],
};

function toPagination({ pagination, parameters }: Operation): PlanPagination | undefined {
  if (pagination === undefined || pagination.type === 'none') return undefined;
  const { type, items_path: items, next_cursor_path: next, max_pages: pagesMax } = pagination;
  const sentAs = (named: string | undefined) => parameters.find((each) => isNamed(each, named))?.send_as ?? named;
  const parameter = type === 'cursor' ? pagination.cursor_param : pagination.page_param;
  return {
    type,
    ...definedOnly({ parameter: sentAs(parameter), limitParameter: sentAs(pagination.limit_param) }),
    items: items === undefined ? { kind: 'reference', path: BODY } : parsePicked(items, BODY),
    ...(next === undefined ? {} : { nextCursor: parsePicked(next, BODY) }),
    pagesMax,
  };
}

function toRateLimits({ rate_limits: limits }: Connector) {
  return limits.map(({ scope, limit, interval_seconds: seconds }) => ({ scope, limit, intervalMs: seconds * 1000 }));
}
