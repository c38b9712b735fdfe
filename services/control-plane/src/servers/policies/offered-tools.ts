import type { CompiledDocument } from '@toolplane/compiler';
import type { ToolAnnotations } from '@toolplane/contracts';
import type { PolicyTool } from '@toolplane/policy';
import { findToolkit } from '../../catalogue/toolkit-slugs.ts';
import type { Prisma, ToolKind } from '../../generated/client.ts';
import type { Transaction } from '../../platform/database/database.ts';
import { readSelection, type SelectingServer } from '../selected-tools/selected-tools.ts';

/** A tool as clients of a server see it, and as its own server names it. */
export type OfferedTool = {
  tool: PolicyTool;
  /** The JSON Schema as JSON text. */
  inputSchema: string;
  /** Absent if the tool is the server's own. */
  origin?: { serverId: string; tool: PolicyTool };
};

const columns = {
  serverId: true,
  kind: true,
  name: true,
  hostedAs: true,
  toolkit: true,
  annotations: true,
  inputSchema: true,
} as const;
type Row = Record<'serverId' | 'name' | 'toolkit' | 'annotations' | 'inputSchema', string> & {
  hostedAs: string | null;
  kind: ToolKind;
};

/** In mode SMART, lists the tools that clients find and call, by slug. `declared` replaces the deployed tools. */
export async function listOfferedTools(
  tx: Transaction,
  server: SelectingServer,
  declared?: CompiledDocument,
): Promise<OfferedTool[]> {
  const { id: serverId, workspaceId } = server;
  const list = async (where: Prisma.ToolWhereInput): Promise<Row[]> => {
    const rows = await tx.tool.findMany({ where, select: columns });
    return declared === undefined ? rows : replaceDeclared(rows, serverId, await toRows(tx, serverId, declared));
  };
  if (server.mode === 'SMART') {
    // Tools without a workspace belong to instances of the organization.
    const rows = await list({ OR: [{ server: { workspaceId } }, { workspaceId: null }] });
    return rows.map((row) => {
      const tool = { ...toPolicyTool(row), name: `${row.toolkit}.${row.name}` };
      return { tool, inputSchema: row.inputSchema, ...originOf(row, serverId) };
    });
  }
  const own = await list({ serverId });
  return [
    ...own.map((row) => ({ tool: toPolicyTool(row), inputSchema: row.inputSchema })),
    ...(await listSelected(tx, server)),
  ];
}

function replaceDeclared(rows: Row[], id: string, declared: Row[]): Row[] {
  return [...rows.filter(({ serverId, kind }) => serverId !== id || kind !== 'workflow'), ...declared];
}

async function toRows(tx: Transaction, serverId: string, { id, tools }: CompiledDocument): Promise<Row[]> {
  const toolkit = (await findToolkit(tx, serverId, id)) ?? id;
  return tools.map(({ tool: { name, annotations = {}, inputSchema } }) => ({
    serverId,
    name,
    toolkit,
    kind: 'workflow' as const,
    hostedAs: null,
    annotations: JSON.stringify(annotations),
    inputSchema: JSON.stringify(inputSchema),
  }));
}

async function listSelected(tx: Transaction, server: SelectingServer): Promise<OfferedTool[]> {
  const { offered } = await readSelection(tx, server);
  const serverIds = [...new Set(offered.map(({ tool }) => tool.serverId))];
  const rows = await tx.tool.findMany({ where: { serverId: { in: serverIds } }, select: columns });
  const bySlug = new Map(rows.map((row) => [`${row.toolkit}.${row.name}`, row]));
  return offered.flatMap(({ name, tool: { slug } }) => {
    const row = bySlug.get(slug);
    if (row === undefined) return [];
    const tool = { ...toPolicyTool(row), name };
    return [{ tool, inputSchema: row.inputSchema, ...originOf(row, server.id) }];
  });
}

function originOf(row: Row, serverId: string): Pick<OfferedTool, 'origin'> {
  return row.serverId === serverId ? {} : { origin: { serverId: row.serverId, tool: toPolicyTool(row) } };
}

function toPolicyTool({ name, hostedAs, toolkit, annotations }: Row): PolicyTool {
  return {
    name: hostedAs ?? name,
    toolkit,
    nameInToolkit: name,
    annotations: JSON.parse(annotations) as ToolAnnotations,
  };
}
