import { AppError, notValid, type Policy, pointerSegments } from '@toolplane/contracts';
import { checkPolicy } from '@toolplane/policy';
import { noteToolChange } from '../../catalogue/published-tools.ts';
import type { ChangeNotices } from '../../platform/change-notices.ts';
import type { Database, Transaction } from '../../platform/database/database.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { findActivePlans } from '../deployments/active-tools.ts';
import { getLockedServer, getServer, refuseSharedServer, type Server } from '../server-record.ts';
import { type Explanation, explain, type QuestionedCall } from './explain.ts';
import { findUnknownTools, listPromptsAndResources, type PolicyWarning, WARNINGS_MAX } from './find-unknown.ts';
import { findUnknownArguments } from './find-unknown-arguments.ts';
import { findUnknownCallers } from './find-unknown-callers.ts';
import { listOfferedTools } from './offered-tools.ts';
import * as store from './store.ts';

/** Determines who may call which tool of a server, and how often. Edges apply a policy as soon as it is published. */
export type Policies = {
  get(principal: Principal, idOrSlug: string): Promise<store.StoredPolicy>;
  /** `version` is the version on which the change is based; undefined replaces any version. */
  replace(
    principal: Principal,
    idOrSlug: string,
    policy: Policy,
    version: number | undefined,
  ): Promise<store.StoredPolicy & { warnings: PolicyWarning[] }>;
  /** Deletes the policy. From then on, everyone who may use the server may call all of its tools. */
  remove(principal: Principal, idOrSlug: string, version: number | undefined): Promise<store.StoredPolicy>;
  /** Explains what would happen to a call. */
  explain(principal: Principal, idOrSlug: string, call: QuestionedCall): Promise<Explanation>;
};

/** Limit of the JSON text of a policy, because edges keep it for each server, and compile its schemas. */
const CHARACTERS_MAX = 100_000;

export function createPolicies(options: { database: Database; changes: ChangeNotices }): Policies {
  const { database, changes } = options;

  async function save(
    principal: Principal,
    idOrSlug: string,
    { policy, version }: { policy: Policy | null; version: number | undefined },
  ): Promise<store.StoredPolicy & { warnings: PolicyWarning[] }> {
    const { serverId, ...saved } = await database.within(principal, async (tx) => {
      const { id } = await getServer(tx, idOrSlug);
      const server = await getLockedServer(tx, id);
      refuseSharedServer(server, principal);
      const present = await store.findPolicy(tx, id);
      if (version !== undefined && version !== present.version) {
        throw new AppError('conflict', `The policy is now at version ${present.version}`);
      }
      if (policy === null && present.policy === null) return { ...present, serverId: id, warnings: [] };
      const changed = { policy, version: present.version + 1 };
      await store.savePolicy(tx, server, changed);
      await changes.markServerUnpublished(tx, id);
      // Servers that select tools of this server apply its policy to these as well.
      await noteToolChange(tx, id);
      const warnings = policy === null ? [] : await warnOf(tx, server, policy);
      return { ...changed, serverId: id, warnings };
    });
    await changes.notify('server.changed', serverId);
    return saved;
  }

  return {
    get: (principal, idOrSlug) =>
      database.within(principal, async (tx) => store.findPolicy(tx, (await getServer(tx, idOrSlug)).id)),

    async replace(principal, idOrSlug, policy, version) {
      await refuseUnfit(policy);
      return save(principal, idOrSlug, { policy, version });
    },

    async remove(principal, idOrSlug, version) {
      const { warnings: _, ...removed } = await save(principal, idOrSlug, { policy: null, version });
      return removed;
    },

    explain: (principal, idOrSlug, call) =>
      database.within(principal, async (tx) => explain(tx, principal, await getServer(tx, idOrSlug), call)),
  };
}

async function warnOf(tx: Transaction, server: Server, policy: Policy): Promise<PolicyWarning[]> {
  const offered = await listOfferedTools(tx, server);
  const tools = offered.map(({ tool }) => tool);
  const callers = await findUnknownCallers(tx, server.workspaceId, policy);
  const { plans } = await findActivePlans(tx, server.id);
  const unknown = findUnknownTools(policy, { tools, promptsAndResources: listPromptsAndResources(plans) });
  const warnings = [...unknown, ...callers, ...findUnknownArguments(policy, offered)];
  return warnings.slice(0, WARNINGS_MAX);
}

async function refuseUnfit(policy: Policy): Promise<void> {
  const { length } = JSON.stringify(policy);
  const problems =
    length > CHARACTERS_MAX
      ? [{ path: '', message: `must have at most ${CHARACTERS_MAX.toLocaleString('en')} characters of JSON` }]
      : await checkPolicy(policy);
  if (problems.length === 0) return;
  const details = problems.map(({ path, message }) => ({
    path: ['body', 'policy', ...pointerSegments(path)].join('.'),
    message,
  }));
  throw notValid(details);
}
