import type { Database, Transaction } from '../platform/database/database.ts';

/** A private server, for which clients get tokens. */
export type ProtectedServer = {
  id: string;
  slug: string;
  description: string | null;
  workspaceId: string;
  workspaceName: string;
  organizationId: string;
  mode: 'NORMAL' | 'SMART';
};

export type ConsentTool = { name: string; isReadOnly: boolean };

export type ProtectedServers = {
  /**
   * The id in the canonical URL of a server (RFC 8707). Only this URL is accepted, not others that lead to the same
   * server.
   */
  serverIdOf(resource: string): string | undefined;
  /** Returns undefined for servers that do not exist, and for public servers, which need no token. */
  find(resource: string): Promise<ProtectedServer | undefined>;
  /** Sorted by name. */
  listTools(server: ProtectedServer): Promise<ConsentTool[]>;
};

export function createProtectedServers(options: { database: Database; edgePublicUrl: string }): ProtectedServers {
  const { database } = options;
  const base = `${options.edgePublicUrl}/mcp/`;

  function serverIdOf(resource: string): string | undefined {
    const id = resource.startsWith(base) ? resource.slice(base.length) : '';
    return SERVER_ID.test(id) ? id : undefined;
  }

  return {
    serverIdOf,
    async find(resource) {
      const id = serverIdOf(resource);
      return id === undefined ? undefined : database.asPlatform((tx) => findPrivate(tx, id));
    },
    listTools: (server) => database.asPlatform((tx) => (server.mode === 'SMART' ? listAll : listOwn)(tx, server)),
  };
}

const SERVER_ID = /^srv_[a-z2-7]{24}$/;

async function findPrivate(tx: Transaction, id: string): Promise<ProtectedServer | undefined> {
  const row = await tx.server.findFirst({
    where: { id, isPublic: false },
    select: {
      id: true,
      slug: true,
      description: true,
      workspaceId: true,
      mode: true,
      workspace: { select: { name: true, organizationId: true } },
    },
  });
  if (row === null) return undefined;
  const { workspace, ...server } = row;
  return { ...server, workspaceName: workspace.name, organizationId: workspace.organizationId };
}

/** The tools of the whole workspace, which a server in mode SMART offers. */
function listAll(tx: Transaction, { workspaceId }: ProtectedServer): Promise<ConsentTool[]> {
  return tx.$queryRaw<ConsentTool[]>`
    SELECT t.toolkit || '.' || t.name AS name, t.is_read_only AS "isReadOnly"
    FROM tools t JOIN servers s ON s.id = t.server_id WHERE s.workspace_id = ${workspaceId} ORDER BY 1`;
}

/** The tools that a server runs itself, and the slugs of the tools that it has selected from other servers. */
function listOwn(tx: Transaction, { id }: ProtectedServer): Promise<ConsentTool[]> {
  return tx.$queryRaw<ConsentTool[]>`
    SELECT coalesce(hosted_as, name) AS name, is_read_only AS "isReadOnly" FROM tools WHERE server_id = ${id}
    UNION
    SELECT t.toolkit || '.' || t.name, t.is_read_only
    FROM servers s CROSS JOIN unnest(s.selected_tools) AS selected
    JOIN servers o ON o.workspace_id = s.workspace_id
    JOIN tools t ON t.server_id = o.id AND t.toolkit || '.' || t.name = selected
    WHERE s.id = ${id} ORDER BY 1`;
}
