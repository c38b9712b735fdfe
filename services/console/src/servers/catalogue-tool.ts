/** `CatalogueTool` of the API. */
export type CatalogueTool = {
  slug: string;
  description: string | null;
  read_only: boolean;
  connection: 'active' | 'not_connected' | 'not_required';
  /** Null if the server is in another workspace, and runs an instance of the organization. */
  server: { id: string; slug: string } | null;
};
