import type { Policy } from '@toolplane/contracts';
import type { Transaction } from '../../platform/database/database.ts';
import type { PolicyWarning } from './find-unknown.ts';

/** Finds keys and agents that a policy names but its workspace does not have. Such a rule applies to nobody. */
export async function findUnknownCallers(
  tx: Transaction,
  workspaceId: string,
  { rules, limits }: Policy,
): Promise<PolicyWarning[]> {
  const named = [
    ...rules.map(({ callers }, index) => ({ callers, path: `policy.rules.${index}.callers` })),
    ...limits.map(({ callers }, index) => ({ callers, path: `policy.limits.${index}.callers` })),
  ];
  const listOf = (member: 'keys' | 'agents') =>
    named.flatMap(({ callers, path }) =>
      (callers?.[member] ?? []).map((id, at) => ({ id, path: `${path}.${member}.${at}` })),
    );
  const [keys, agents] = [listOf('keys'), listOf('agents')];
  const idsOf = (all: { id: string }[]) => ({ workspaceId, id: { in: [...new Set(all.map(({ id }) => id))] } });
  const select = { id: true };
  const found = [
    ...(keys.length === 0 ? [] : await tx.apiKey.findMany({ where: idsOf(keys), select })),
    ...(agents.length === 0 ? [] : await tx.agent.findMany({ where: idsOf(agents), select })),
  ];
  const known = new Set(found.map(({ id }) => id));
  const warnOf = (all: typeof keys, what: string) =>
    all
      .filter(({ id }) => !known.has(id))
      .map(({ id, path }) => ({ path, message: `The workspace has no ${what} ${id}`, suggestions: [] }));
  return [...warnOf(keys, 'API key'), ...warnOf(agents, 'agent')];
}
