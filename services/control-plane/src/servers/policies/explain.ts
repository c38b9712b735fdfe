import type { ApiKeyRecord, JsonObject, PolicyLimit, PolicyRule } from '@toolplane/contracts';
import { type AppError, notValid } from '@toolplane/contracts';
import { compileJsonSchema } from '@toolplane/json-schema';
import type { PolicyCaller, PolicyTool } from '@toolplane/policy';
import {
  approvalOf,
  compilePolicy,
  compileToolNames,
  decide,
  decideListing,
  limitsFor,
  toCallerFromElsewhere,
} from '@toolplane/policy';
import { findAgent } from '../../access/agents/agents.ts';
import { findApiKeyRecord } from '../../access/api-keys/published-key.ts';
import { findRefusalOfUser } from '../../access/external-users/external-users.ts';
import { listLentIds } from '../../catalogue/lent-servers/lent-servers.ts';
import { nearestSlugs } from '../../catalogue/nearest-slugs.ts';
import type { Transaction } from '../../platform/database/database.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { getServer, type Server } from '../server-record.ts';
import { listOfferedTools, type OfferedTool } from './offered-tools.ts';
import { findPolicies } from './store.ts';

/** A hypothetical call. */
export type QuestionedCall = {
  tool: string;
  caller: AskedCaller;
  /** If undefined, the call has only the default arguments of the tool. */
  arguments: JsonObject | undefined;
  /** The time of the call in Unix milliseconds. */
  at: number;
};

/** The caller as described in the request. If `kind` is left out, it is derived from the other fields. */
type AskedCaller = {
  kind?: PolicyCaller['kind'] | undefined;
  key?: string | undefined;
  agent?: string | undefined;
} & Pick<PolicyCaller, 'username' | 'groups' | 'claims'>;

/** The checks of an edge, in this order: the first that denies decides, otherwise the first that requires approval. */
export const checks = ['key', 'user', 'server', 'tool', 'arguments', 'policy', 'originPolicy'] as const;
export type Check = (typeof checks)[number];

export type Reason = {
  check: Check;
  decision: PolicyRule['effect'];
  message: string;
  /** The deciding rule and the server of its policy. Null if no rule matched. */
  rule: { id: string; description: string | null; serverId: string } | null;
};

export type Explanation = {
  decision: PolicyRule['effect'];
  /** The deciding check. */
  by: Check;
  rule: Reason['rule'];
  /** Null unless the call requires an approval. */
  approval: ReturnType<typeof approvalOf> | null;
  /** Whether the caller sees the tool in lists. */
  listed: boolean;
  /** Limits that apply in addition to the decision. */
  limits: (PolicyLimit & { serverId: string })[];
  reasons: Reason[];
};

/** One policy that applies to the call, with the tool as its server names it. */
type Held = { check: 'policy' | 'originPolicy'; serverId: string; tool: PolicyTool };

export async function explain(
  tx: Transaction,
  principal: Principal,
  server: Server,
  call: QuestionedCall,
): Promise<Explanation> {
  // Answering that the server has no such tool would wrongly mean that the policy refuses a call that it may allow.
  if (/^(?:prompt|resource):/.test(call.tool)) {
    const message =
      'must be the name of a tool: the policy applies to prompts and resources too, but only calls of tools are explained';
    throw notValid([{ path: 'body.tool', message }]);
  }
  const identified = await identify(tx, call.caller);
  const { caller, key } = identified;
  const reasons = await listReasonsAgainstCaller(tx, principal, server, { ...identified, at: call.at });
  const offered = await listOfferedTools(tx, server);
  const found = offered.find(({ tool }) => tool.name === call.tool);
  if (server.state !== 'running') reasons.push(deny('server', `The server is ${server.state}`));
  if (caller.kind === 'anonymous' && !(await isPublic(tx, server, found))) {
    reasons.push(deny('server', 'The server is not public: it requires a key or a token'));
  }
  if (found === undefined) return conclude([...reasons, unknownTool(call.tool, offered)], { isListed: false });
  reasons.push(...checkKeyForTool(key, server, found));
  const isVisible = reasons.length === 0;
  const checked = checkArguments(found, call.arguments);
  if (checked.reason !== undefined) reasons.push(checked.reason);
  const judged = await judge(tx, server, found, { caller, at: call.at, arguments: checked.arguments });
  const { limits, approval } = judged;
  return conclude([...reasons, ...judged.reasons], { isListed: isVisible && judged.isListed, limits, approval });
}

async function listReasonsAgainstCaller(
  tx: Transaction,
  { workspaceId }: Principal,
  server: Server,
  { caller, key, isOfInactiveAgent, at }: Identified & { at: number },
): Promise<Reason[]> {
  const { username } = caller;
  const refusal = username === undefined ? undefined : await findRefusalOfUser(tx, workspaceId, username);
  return [
    ...(key === undefined ? [] : checkKey(key, { caller, server, at })),
    ...(isOfInactiveAgent ? [deny('key', 'The agent is not active')] : []),
    ...(refusal === undefined ? [] : [deny('user', refusal)]),
  ];
}

function unknownTool(name: string, offered: readonly OfferedTool[]): Reason {
  const names = nearestSlugs(
    name,
    offered.map(({ tool }) => tool.name),
  );
  const hint = names.length === 0 ? '' : `; did you mean ${names.join(', ')}?`;
  return deny('tool', `The server offers no tool with this name${hint}`);
}

function checkKeyForTool(key: ApiKeyRecord | undefined, { mode }: Server, { tool, origin }: OfferedTool): Reason[] {
  // Selected tools count as the server's own. Tools that are found in mode SMART are called at their own server.
  const isCalledElsewhere = mode === 'SMART' && origin !== undefined;
  const isForServer = !isCalledElsewhere || key?.servers?.includes(origin.serverId) !== false;
  const isForTool = key?.tools === undefined || compileToolNames(key.tools)(tool);
  return [
    ...(isForServer ? [] : [deny('key', "The key is not valid for the tool's server")]),
    ...(isForTool ? [] : [deny('key', 'The key is not valid for this tool')]),
  ];
}

/** Applies the policy of the server, and that of the server that the tool comes from. */
async function judge(
  tx: Transaction,
  server: Server,
  { tool: ownTool, origin }: OfferedTool,
  { caller, at, arguments: callArguments }: { caller: PolicyCaller; at: number; arguments: JsonObject },
): Promise<Pick<Explanation, 'reasons' | 'limits' | 'approval'> & { isListed: boolean }> {
  const held: Held[] = [{ check: 'policy', serverId: server.id, tool: ownTool }];
  if (origin !== undefined) held.push({ check: 'originPolicy', ...origin });
  const lentIds = origin === undefined ? [] : await listLentIds(tx, server.workspaceId);
  const policies = await findPolicies(
    tx,
    server.workspaceId,
    held.map(({ serverId }) => serverId),
  );
  let isListed = true;
  let approval: Explanation['approval'] = null;
  const reasons: Reason[] = [];
  const limits: Explanation['limits'] = [];
  for (const { check, serverId, tool } of held) {
    const written = policies.get(serverId);
    if (written === undefined) {
      reasons.push({ check, decision: 'allow', message: `${capitalize(whose[check])} has no policy`, rule: null });
      continue;
    }
    const policy = compilePolicy(written);
    const seen = { tool, caller: lentIds.includes(serverId) ? toCallerFromElsewhere(caller) : caller, at };
    const { effect, rule } = decide(policy, { ...seen, arguments: callArguments });
    isListed &&= decideListing(policy, seen);
    limits.push(...limitsFor(policy, seen).map((limit) => ({ ...limit, serverId })));
    if (effect === 'approve' && rule !== undefined) approval ??= approvalOf(rule);
    const message =
      rule === undefined
        ? `No rule of ${whose[check]} matches, and it ${verbs[effect]} calls that no rule matches`
        : `A rule ${verbs[effect]} the call`;
    const { id, description = null } = rule ?? { id: '' };
    reasons.push({ check, decision: effect, message, rule: rule === undefined ? null : { id, description, serverId } });
  }
  return { reasons, limits, approval, isListed };
}

type Identified = { caller: PolicyCaller; key: ApiKeyRecord | undefined; isOfInactiveAgent: boolean };

/** Resolves the caller, and adds what the workspace knows about the key and the agent. */
async function identify(
  tx: Transaction,
  { kind, key: keyId, agent, username, groups, claims }: AskedCaller,
): Promise<Identified> {
  const key = keyId === undefined ? undefined : await findApiKeyRecord(tx, keyId);
  if (keyId !== undefined && key === undefined) throw wrongCaller('key', 'is not an API key of this workspace');
  const named = agent === undefined ? undefined : await findAgent(tx, agent);
  if (agent !== undefined && named === undefined) throw wrongCaller('agent', 'is not an agent of this workspace');
  if (key !== undefined && agent !== undefined && key.agentId !== agent)
    throw wrongCaller('agent', 'is not the agent of the key');
  const agentId = agent ?? key?.agentId;
  const isKnown = keyId !== undefined || agentId !== undefined || username !== undefined;
  const ofToken = groups === undefined ? (claims === undefined ? undefined : 'claims') : 'groups';
  const guessed = keyId !== undefined ? 'key' : ofToken !== undefined ? 'token' : isKnown ? 'key' : 'anonymous';
  const caller = { kind: kind ?? guessed, keyId, agentId, username, groups, claims };
  if (keyId !== undefined && caller.kind !== 'key') throw wrongCaller('kind', 'must be "key" when a key is named');
  if (ofToken !== undefined && caller.kind !== 'token')
    throw wrongCaller(ofToken, 'must be absent for a key, because only tokens carry it');
  if (isKnown && caller.kind === 'anonymous')
    throw wrongCaller('kind', 'must not be "anonymous" when the caller is named');
  return { caller, key, isOfInactiveAgent: named?.isActive === false };
}

function wrongCaller(member: keyof AskedCaller, message: string): AppError {
  return notValid([{ path: `body.caller.${member}`, message }]);
}

const whose = { policy: 'the server', originPolicy: 'the server that the tool is from' } as const;
const verbs = { allow: 'allows', deny: 'denies', approve: 'requires an approval for' } as const;

function conclude(
  reasons: Reason[],
  { isListed, limits = [], approval = null }: { isListed: boolean } & Partial<Pick<Explanation, 'limits' | 'approval'>>,
): Explanation {
  const deciding =
    reasons.find(({ decision }) => decision === 'deny') ??
    reasons.find(({ decision }) => decision === 'approve') ??
    reasons.findLast(({ rule }) => rule !== null);
  const { decision, check: by, rule } = deciding ?? { decision: 'allow', check: 'policy', rule: null };
  return { decision, by, rule, approval: decision === 'approve' ? approval : null, listed: isListed, limits, reasons };
}

function checkKey(
  key: ApiKeyRecord,
  { caller, server, at }: { caller: PolicyCaller; server: Server; at: number },
): Reason[] {
  const { state, expiresAt, permissions, mayAssertUser, servers } = key;
  const refusals = [
    state === 'revoked' && `The key is revoked${key.agentId === undefined ? '' : ', or its agent is not active'}`,
    expiresAt !== undefined && expiresAt <= at && 'The key has expired',
    !permissions.includes('tools:call') && 'The key lacks the permission tools:call',
    servers !== undefined && !servers.includes(server.id) && 'The key is not valid for this server',
    mayAssertUser === false && caller.username !== undefined && 'The key may not name a user',
  ];
  return refusals.filter((refusal) => refusal !== false).map((refusal) => deny('key', refusal));
}

async function isPublic(tx: Transaction, server: Server, { origin }: Partial<OfferedTool> = {}): Promise<boolean> {
  if (!server.isPublic) return false;
  // A public server offers its selected tools to anybody. A tool found in mode SMART must itself be public.
  return server.mode === 'NORMAL' || origin === undefined || (await getServer(tx, origin.serverId)).isPublic;
}

/** Adds the defaults of the tool, because rules see these as well. A call without arguments is never invalid. */
function checkArguments(
  { inputSchema }: OfferedTool,
  sent: JsonObject | undefined,
): { arguments: JsonObject; reason?: Reason } {
  const validated = compileJsonSchema(JSON.parse(inputSchema) as JsonObject, { forFewValues: true })(sent ?? {});
  if (validated.ok) return { arguments: validated.value as JsonObject };
  if (sent === undefined) return { arguments: {} };
  const [violation] = validated.violations;
  const message = `The tool does not accept the arguments: ${violation?.path || 'they'} ${violation?.message ?? ''}`;
  return { arguments: sent, reason: deny('arguments', message) };
}

const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function deny(check: Check, message: string): Reason {
  return { check, decision: 'deny', message, rule: null };
}
