import type { Transaction } from '../platform/database/database.ts';

type Toolkit = {
  organizationId: string;
  serverId: string;
  /** The slug of the connector, or the id of the document. */
  base: string;
  /** The key under which the slug is stored, if one server has several toolkits; otherwise the base is the key. */
  key?: string;
};

/** The slug that was already assigned to a server, if any. */
export async function findToolkit(tx: Transaction, serverId: string, base: string): Promise<string | undefined> {
  const known = await tx.toolkitSlug.findUnique({ where: { serverId_base: { serverId, base } } });
  return known?.slug;
}

/**
 * The slug of a toolkit of a server: the base, or the base with the first free number. A slug is assigned once and
 * never to anything else in the organization, so that a stored slug never leads to another account.
 */
export async function nameToolkit(tx: Transaction, toolkit: Toolkit): Promise<string> {
  const { organizationId, serverId, base, key = base } = toolkit;
  const known = await findToolkit(tx, serverId, key);
  if (known !== undefined) return known;
  const count = await tx.toolkitSlug.count({ where: { organizationId, base: { in: [base, key] } } });
  for (let number = count + 1; ; number += 1) {
    const slug = number === 1 ? base : `${base}-${number}`;
    // This waits for concurrent transactions that assign the same slug.
    const added = await tx.toolkitSlug.createMany({
      data: { organizationId, serverId, base: key, slug },
      skipDuplicates: true,
    });
    if (added.count === 1) return slug;
  }
}
