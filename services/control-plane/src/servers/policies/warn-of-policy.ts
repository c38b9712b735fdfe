import type { CompiledDocument } from '@toolplane/compiler';
import type { Diagnostic } from '@toolplane/contracts';
import type { Transaction } from '../../platform/database/database.ts';
import { findActivePlans } from '../deployments/active-tools.ts';
import { getServer } from '../server-record.ts';
import { findUnknownTools, listPromptsAndResources } from './find-unknown.ts';
import { listOfferedTools } from './offered-tools.ts';
import { findPolicy } from './store.ts';

/** Warns if the policy names renamed or removed tools: after a deployment, or as if `declared` were deployed. */
export async function warnOfPolicy(
  tx: Transaction,
  serverId: string,
  declared?: CompiledDocument,
): Promise<Diagnostic[]> {
  const { policy } = await findPolicy(tx, serverId);
  const server = await getServer(tx, serverId);
  // A stopped server offers nothing, so every name would cause a warning.
  if (policy === null || server.state !== 'running') return [];
  const offered = await listOfferedTools(tx, server, declared);
  const tools = offered.map(({ tool }) => tool);
  const { plans } = await findActivePlans(tx, serverId, declared);
  const warnings = findUnknownTools(policy, { tools, promptsAndResources: listPromptsAndResources(plans) });
  return warnings.map(({ path, message, suggestions }) => ({
    severity: 'warning',
    code: 'policy_tool_missing',
    message: `${message}, but its policy names it (${path})`,
    hint: `A rule for it applies to no other tool: ${suggestions.length === 0 ? 'change the policy if the tool has a new name' : `is its name now ${suggestions.join(' or ')}?`}`,
    pointer: '',
    line: 1,
    column: 1,
  }));
}
