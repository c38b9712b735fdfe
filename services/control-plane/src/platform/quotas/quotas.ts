import { AppError } from '@toolplane/contracts';
import type { Database, Transaction } from '../database/database.ts';

/** The numbers that an organization may have of each kind. */
export type QuotaLimits = { workspaces: number; servers: number; apiKeys: number; externalUsers: number };

/**
 * Keeps one organization from filling the database that all organizations share. Normal use does not reach the limits.
 * Concurrent requests may exceed a limit by a few.
 */
export type Quotas = {
  /** Throws `quota_exceeded` if the organization has reached the limit of this kind. */
  requireRoom(kind: keyof QuotaLimits, organizationId: string): Promise<void>;
};

const ABOUT: Record<keyof QuotaLimits, { noun: string; remedy: string; setting: string }> = {
  workspaces: { noun: 'workspaces', remedy: 'use an existing one', setting: 'WORKSPACES_PER_ORGANIZATION_MAX' },
  servers: { noun: 'servers', remedy: 'delete servers', setting: 'SERVERS_PER_ORGANIZATION_MAX' },
  apiKeys: {
    noun: 'valid API keys',
    remedy: 'revoke keys, or rotate with overlapSeconds: 0, which needs no room',
    setting: 'API_KEYS_PER_ORGANIZATION_MAX',
  },
  externalUsers: { noun: 'external users', remedy: 'delete users', setting: 'EXTERNAL_USERS_PER_ORGANIZATION_MAX' },
};

export function createQuotas(options: { database: Database; limits: QuotaLimits }): Quotas {
  const { database, limits } = options;
  return {
    async requireRoom(kind, organizationId) {
      const present = await database.asPlatform((tx) => COUNTS[kind](tx, organizationId));
      if (present < limits[kind]) return;
      const { noun, remedy, setting } = ABOUT[kind];
      throw new AppError(
        'quota_exceeded',
        `The organization has ${present} ${noun} and may have ${limits[kind]}: ${remedy}, or ask the operator to raise ${setting}`,
      );
    },
  };
}

const COUNTS: Record<keyof QuotaLimits, (tx: Transaction, organizationId: string) => Promise<number>> = {
  workspaces: (tx, organizationId) => tx.workspace.count({ where: { organizationId } }),
  servers: (tx, organizationId) => tx.server.count({ where: { workspace: { organizationId } } }),
  apiKeys: (tx, organizationId) =>
    tx.apiKey.count({
      where: {
        workspace: { organizationId },
        revokedAt: null,
        OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }],
      },
    }),
  externalUsers: (tx, organizationId) =>
    tx.externalUser.count({ where: { isDeleted: false, workspace: { organizationId } } }),
};
