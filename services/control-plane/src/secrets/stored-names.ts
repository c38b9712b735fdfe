import type { SecretRef } from '@toolplane/contracts';

/**
 * Under which names the secret store may have something of a secret: what is in use, what is kept besides, and one more,
 * because a change whose end nobody knows may have stored the next version.
 */
export function listStoredNames({
  name,
  versions,
}: {
  name: string;
  versions: readonly { version: number }[];
}): string[] {
  const known = versions.map(({ version }) => version);
  return [name, ...[...known, Math.max(0, ...known) + 1].map((version) => `${name}@${version}`)];
}

/** Of a server. */
export function toSecretRef(owner: { workspaceId: string; serverId: string }, storedName: string): SecretRef {
  const [name = '', version] = storedName.split('@');
  const { workspaceId, serverId } = owner;
  return { workspaceId, serverId, name, ...(version === undefined ? {} : { version: Number(version) }) };
}
