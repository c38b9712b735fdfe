import type { CompiledTool } from '@toolplane/compiler';
import {
  CONNECTION_REPORT,
  type ConnectionAuthentication,
  type CredentialField,
  type ManifestConnection,
  type Plan,
} from '@toolplane/contracts';

export type ConnectionReportPlan = {
  plan: Plan;
  connection: Omit<ManifestConnection, 'planDigest'>;
};

/** Longer than a secret store takes to respond. */
const DEADLINE_MS = 10_000;

/**
 * For the server of a connector instance: the plan that reports whether its tools have credentials, for all fields that
 * any of the tools needs. Undefined if no tool needs any.
 */
export function toConnectionReport(tools: readonly CompiledTool[]): ConnectionReportPlan | undefined {
  const plans = tools.flatMap(({ plan }) => (plan.connection?.authentication === undefined ? [] : [plan]));
  const [first] = plans;
  if (first?.connection === undefined) return undefined;
  const authentications = plans.flatMap(({ connection }) => connection?.authentication ?? []);
  const authentication = toAuthentication(authentications);
  if (authentication === undefined) return undefined;
  const { workspaceId, serverId, outputBytesMax } = first;
  const { ownerId, instanceId, connector, usersOf } = first.connection;
  return {
    plan: {
      version: 1,
      workspaceId,
      serverId,
      tool: CONNECTION_REPORT,
      allowedHosts: [],
      deadlineMs: DEADLINE_MS,
      outputBytesMax,
      reports: 'connection',
      steps: [],
      outputs: [],
      analytics: [],
      connection: { ownerId, instanceId, connector, ...(usersOf !== undefined && { usersOf }), authentication },
    },
    connection: { deadlineMs: DEADLINE_MS, ...toWay(authentication) },
  };
}

/** All tools of an instance use the same authentication, but each plan contains only the parts that its tool needs. */
function toAuthentication(all: readonly ConnectionAuthentication[]): ConnectionAuthentication | undefined {
  const [first] = all;
  if (first === undefined) return undefined;
  const fields = new Map<string, CredentialField>();
  for (const field of all.flatMap((each) => each.fields)) {
    const isRequired = field.isRequired || fields.get(field.key)?.isRequired === true;
    fields.set(field.key, { ...field, isRequired });
  }
  const token = all.find((each) => each.token !== undefined)?.token;
  const ownToken = all.find((each) => each.ownToken !== undefined)?.ownToken;
  return {
    id: first.id,
    fields: [...fields.values()],
    ...(token === undefined ? {} : { token }),
    ...(ownToken === undefined ? {} : { ownToken }),
  };
}

function toWay({
  token,
  fields,
}: ConnectionAuthentication): Pick<ManifestConnection, 'authentication' | 'requiredFields'> {
  if (token?.grant === 'authorization_code') return { authentication: 'oauth2', requiredFields: [] };
  if (token?.grant === 'token_exchange') return { authentication: 'none', requiredFields: [] };
  const required = fields.filter(({ isRequired, default: preset }) => isRequired && preset === undefined);
  return { authentication: 'fields', requiredFields: required.map(({ key }) => key) };
}
