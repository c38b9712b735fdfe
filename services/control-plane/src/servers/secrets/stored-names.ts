import type { SecretRef } from '@toolplane/contracts';

/**
 * The names under which the secret store may have versions of a secret: the version in use, the other stored versions,
 * and one more, because a change with an unknown result may have stored the next version.
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

/** The reference to a stored name of a secret of a server. */
export function toSecretRef(owner: { workspaceId: string; serverId: string }, storedName: string): SecretRef {
  const [name = '', version] = storedName.split('@');
  const { workspaceId, serverId } = owner;
  return { workspaceId, serverId, name, ...(version === undefined ? {} : { version: Number(version) }) };
}
