import type { PlanConnection } from '@toolplane/contracts';

type Named = Pick<PlanConnection, 'connector' | 'instanceId' | 'instanceName'>;

/** What errors tell whoever has to connect: the instance as people know it, and what it is an instance of. */
export function nameInstance({ connector, instanceName }: Named): string {
  return instanceName === undefined ? connector : `"${instanceName}" (${connector})`;
}

/** The same for programs. */
export function toInstanceDetails({ connector, instanceId, instanceName }: Named) {
  return { connector, instance: instanceId, ...(instanceName !== undefined && { instance_name: instanceName }) };
}
