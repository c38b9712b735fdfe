import type { Command, Plan } from '@toolplane/contracts';

/** A command may access only data of the tenant that it is sealed for: a workspace or an organization. */
export function isOfTenant(command: Command, tenant: string): boolean {
  switch (command.command) {
    case 'get_sealing_key':
    case 'fetch_document':
    // The tenant is named in the plan, which is checked once the command is unpacked.
    case 'replay_call':
    // The tenant is bound by the seal of the token.
    case 'open_connect_link':
      return true;
    case 'store_secret':
    case 'use_secret_version':
    case 'delete_secret':
    case 'start_single_sign_on':
    case 'finish_single_sign_on':
      return command.ref.workspaceId === tenant;
    case 'inspect_external_server':
      return [command.owner?.workspaceId, command.signIn?.ownerId].every((id) => id === undefined || id === tenant);
    case 'test_connection':
      return isTestOf(command.plan, tenant) && (command.ref === undefined || isRefOf(command.ref, command.plan));
    default:
      return command.ref.ownerId === tenant;
  }
}

/** A plan in a command is not signed: it may use the credentials of its connection, but no secret of a server. */
function isTestOf({ connection, steps, workflows }: Plan, tenant: string): boolean {
  const [step, ...others] = steps;
  if (connection?.ownerId !== tenant || others.length > 0 || workflows !== undefined) return false;
  return step?.request !== undefined && step.secrets.length === 0 && step.tokens === undefined;
}

function isRefOf(ref: { ownerId: string; instanceId: string }, { connection }: Plan): boolean {
  return ref.ownerId === connection?.ownerId && ref.instanceId === connection.instanceId;
}
