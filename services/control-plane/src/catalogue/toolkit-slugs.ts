import type { Transaction } from '../database/database.ts';

type Toolkit = {
  organizationId: string;
  serverId: string;
  /** Slug of the connector, or id of the document. */
  base: string;
};

/**
 * The slug of what a server offers: the base, or with the first number that is free. It is given once and never to
 * anything else in the organization, so that who keeps one never comes to another account with it.
 */
export async function nameToolkit(tx: Transaction, { organizationId, serverId, base }: Toolkit): Promise<string> {
  const known = await tx.toolkitSlug.findUnique({ where: { serverId_base: { serverId, base } } });
  if (known !== null) return known.slug;
  const count = await tx.toolkitSlug.count({ where: { organizationId, base } });
  for (let number = count + 1; ; number += 1) {
    const slug = number === 1 ? base : `${base}-${number}`;
    // Waits for whoever takes the same one at the moment.
    const added = await tx.toolkitSlug.createMany({
      data: { organizationId, serverId, base, slug },
      skipDuplicates: true,
    });
    if (added.count === 1) return slug;
  }
}
