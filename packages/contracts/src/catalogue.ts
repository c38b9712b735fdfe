import { z } from 'zod';
import { manifestSchema } from './manifest.ts';

const toolkitSchema = z.strictObject({
  /** The server that runs the toolkit: one of this workspace, or one lent to it. Its manifest has the tools. */
  serverId: z.string(),
  /** The first half of the slugs of its tools. Each toolkit of a server has its own. */
  toolkit: z.string(),
  /** The name that people know it by: the name of the connector, or of the server. */
  name: z.string(),
  /** Other words that somebody may search for. */
  synonyms: z.array(z.string()).optional(),
});
export type CatalogueToolkit = z.infer<typeof toolkitSchema>;

/**
 * What the servers in mode SMART of a workspace offer: its toolkits, by slug. It is published, signed, for every
 * workspace, so nobody can add a server to the catalogue of another workspace. Which of the tools a caller may use is
 * decided by the edge.
 */
export const catalogueSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('catalogue'),
  workspaceId: z.string(),
  /** Grows with each change. */
  revision: z.int().min(1),
  toolkits: z.array(toolkitSchema),
  /**
   * The servers of other workspaces that run instances of the organization, as this workspace uses them: with its own
   * plans. Absent if there are none, as in catalogues of releases that did not know lent servers.
   */
  lent: z.array(manifestSchema).optional(),
});
export type Catalogue = z.infer<typeof catalogueSchema>;
