import type { Transaction } from '../database/database.ts';

type Toolkit = {
  organizationId: string;
  serverId: string;
  /** Slug of the connector, or id of the document. */
  base: string;
  /** The stored slug, if one server has several; otherwise the base. */
  key?: string;
};

/** The slug that was already assigned to a server, if any. */
export async function findToolkit(tx: Transaction, serverId: string, base: string): Promise<string | undefined> {
  const known = await tx.toolkitSlug.findUnique({ where: { serverId_base: { serverId, base } } });
  return known?.slug;
}

/**
 * The slug of what a server offers: the base, or the base with the first free number. It is assigned once and never to
 * anything else in the organization, so that a stored slug never leads to another account.
 */
export async function nameToolkit(tx: Transaction, toolkit: Toolkit): Promise<string> {
  const { organizationId, serverId, base, key = base } = toolkit;
  const known = await findToolkit(tx, serverId, key);
  if (known !== undefined) return known;
  const count = await tx.toolkitSlug.count({ where: { organizationId, base: { in: [base, key] } } });
  for (let number = count + 1; ; number += 1) {
    const slug = number === 1 ? base : `${base}-${number}`;
    // Waits for others who take the same slug concurrently.
    const added = await tx.toolkitSlug.createMany({
      data: { organizationId, serverId, base: key, slug },
      skipDuplicates: true,
    });
    if (added.count === 1) return slug;
  }
}
