import { z } from 'zod';
import { manifestSchema } from './manifest.ts';

const toolkitSchema = z.strictObject({
  /** It runs, and is of this workspace or lent to it. Its manifest has the tools. */
  serverId: z.string(),
  /** The first half of the slugs of its tools; another one of the same server has another. */
  toolkit: z.string(),
  /** As people know it: the name of the connector, or of the server. */
  name: z.string(),
  /** Other words that somebody may look for it with. */
  synonyms: z.array(z.string()).optional(),
});
export type CatalogueToolkit = z.infer<typeof toolkitSchema>;

/**
 * What the servers in mode SMART of a workspace offer: its toolkits, by slug. Published, signed, for every workspace,
 * so nobody adds a server to another workspace's; which of the tools a caller may use is for the edge to say.
 */
export const catalogueSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('catalogue'),
  workspaceId: z.string(),
  /** Grows with each change. */
  revision: z.int().min(1),
  toolkits: z.array(toolkitSchema),
  /**
   * The servers of other workspaces that run instances of the organization, as they are for this workspace: with plans
   * of its own. Absent: there are none, as in catalogues from before there could be any.
   */
  lent: z.array(manifestSchema).optional(),
});
export type Catalogue = z.infer<typeof catalogueSchema>;
