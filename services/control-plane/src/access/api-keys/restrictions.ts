import { notValid, type Permission } from '@toolplane/contracts';
import { nearestSlugs } from '../../catalogue/nearest-slugs.ts';
import type { Transaction } from '../../platform/database/database.ts';
import { listServerNames, type Restrictions } from './store.ts';

export type { Restrictions } from './store.ts';

/** Restrictions as in requests; null means no restriction. */
export type AskedRestrictions = { [Name in keyof Restrictions]?: string[] | null | undefined };

export const UNRESTRICTED: Restrictions = { allowedServers: [], allowedTools: [], allowedAddresses: [] };

/** Permissions that a key restricted to servers or tools can have: the REST API does not enforce such restrictions. */
const PERMISSIONS_WITHIN: readonly Permission[] = ['tools:call', 'servers:read'];

/** If a request names more unknown servers than this, they are refused without suggestions. */
const SUGGESTED_FOR_MAX = 10;

/**
 * Resolves restrictions in the workspace of the transaction; fields that are left out stay as they are. Servers are
 * named by id or slug.
 */
export async function restrict(
  tx: Transaction,
  asked: AskedRestrictions,
  before: Restrictions = UNRESTRICTED,
): Promise<Restrictions> {
  const { allowedServers, allowedTools, allowedAddresses } = asked;
  return {
    allowedServers: allowedServers === undefined ? before.allowedServers : await toIds(tx, allowedServers ?? []),
    allowedTools: allowedTools === undefined ? before.allowedTools : [...new Set(allowedTools)],
    allowedAddresses: allowedAddresses === undefined ? before.allowedAddresses : [...new Set(allowedAddresses)],
  };
}

export function refusePermissionsBeyond(restrictions: Restrictions, permissions: readonly Permission[]): void {
  if (!isWithinBounds(restrictions)) return;
  const beyond = permissions.filter((permission) => !PERMISSIONS_WITHIN.includes(permission));
  if (beyond.length === 0) return;
  const message = `must be ${PERMISSIONS_WITHIN.join(' or ')} for a key with allowedServers or allowedTools, not ${beyond.join(', ')}`;
  throw notValid([{ path: 'body.permissions', message }]);
}

/** The subset of `permissions` that a key with these restrictions can have. */
export function withinBounds(restrictions: Restrictions, permissions: Permission[]): Permission[] {
  if (!isWithinBounds(restrictions)) return permissions;
  return permissions.filter((permission) => PERMISSIONS_WITHIN.includes(permission));
}

function isWithinBounds({ allowedServers, allowedTools }: Restrictions): boolean {
  return allowedServers.length > 0 || allowedTools.length > 0;
}

async function toIds(tx: Transaction, names: string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const servers = await listServerNames(tx);
  const found = names.map((name) => servers.find(({ id, slug }) => id === name || slug === name)?.id);
  const unknown = names.map((name, index) => ({ name, index })).filter(({ index }) => found[index] === undefined);
  if (unknown.length === 0) return [...new Set(found.filter((id) => id !== undefined))];
  const slugs = servers.map(({ slug }) => slug);
  throw notValid(
    unknown.map(({ name, index }, at) => ({
      path: `body.allowedServers.${index}`,
      message: 'is not a server of the workspace',
      suggestions: at < SUGGESTED_FOR_MAX ? nearestSlugs(name, slugs) : [],
    })),
  );
}
