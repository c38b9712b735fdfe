import type { Transaction } from '../database/database.ts';

type Toolkit = {
  organizationId: string;
  serverId: string;
  /** Slug of the connector, or id of the document. */
  base: string;
  /** What it is kept under, where one server has several; else the base. */
  key?: string;
};

/** The one that a server has been given for this, if it has. */
export async function findToolkit(tx: Transaction, serverId: string, base: string): Promise<string | undefined> {
  const known = await tx.toolkitSlug.findUnique({ where: { serverId_base: { serverId, base } } });
  return known?.slug;
}

/**
 * The slug of what a server offers: the base, or with the first number that is free. It is given once and never to
 * anything else in the organization, so that who keeps one never comes to another account with it.
 */
export async function nameToolkit(tx: Transaction, toolkit: Toolkit): Promise<string> {
  const { organizationId, serverId, base, key = base } = toolkit;
  const known = await findToolkit(tx, serverId, key);
  if (known !== undefined) return known;
  const count = await tx.toolkitSlug.count({ where: { organizationId, base: { in: [base, key] } } });
  for (let number = count + 1; ; number += 1) {
    const slug = number === 1 ? base : `${base}-${number}`;
    // Waits for whoever takes the same one at the moment.
    const added = await tx.toolkitSlug.createMany({
      data: { organizationId, serverId, base: key, slug },
      skipDuplicates: true,
    });
    if (added.count === 1) return slug;
  }
}
