import type { PlanConnection } from '@toolplane/contracts';

type Named = Pick<PlanConnection, 'connector' | 'instanceId' | 'instanceName'>;

/** Names an instance in errors for people who have to connect it: the name that people know, and the connector. */
export function nameInstance({ connector, instanceName }: Named): string {
  return instanceName === undefined ? connector : `"${instanceName}" (${connector})`;
}

/** Returns the same information for programs. */
export function toInstanceDetails({ connector, instanceId, instanceName }: Named) {
  return { connector, instance: instanceId, ...(instanceName !== undefined && { instance_name: instanceName }) };
}
