import type { Diagnostic } from '@toolplane/contracts';
import type { Database } from '../../platform/database/database.ts';
import type { ConnectorDeployments } from '../../servers/deployments/connector-deployments.ts';
import { createSettle } from './settle-instance.ts';
import * as store from './store.ts';

/** Moves instances to the active version of their connector, each in its own tenant. */
export type VersionFollowing = {
  /** Moves the instances of one connector at once. */
  follow(connectorId: string): Promise<void>;
  /**
   * Moves all instances that were left behind, for example by a process that ended, and ends connection tests whose
   * process no longer exists.
   */
  catchUp(): Promise<void>;
};

/**
 * The number of instances that are moved concurrently: as many as compile concurrently, plus one that is being saved.
 */
const AT_ONCE = 3;
/** A test takes seconds, so one that started longer ago and has not ended was interrupted. */
const TESTING_MS_MAX = 60_000;
const ERRORS_SHOWN_MAX = 5;
const MESSAGE_LENGTH_MAX = 2000;

export function createVersionFollowing(options: {
  database: Database;
  deployments: ConnectorDeployments;
}): VersionFollowing {
  const { database } = options;
  const settle = createSettle(options);
  /** The ids of instances that are being moved, so that catching up does not repeat work in progress. */
  const underWay = new Set<string>();

  async function follow(connectorId: string | undefined): Promise<void> {
    const lagging = await database.asPlatform((tx) => store.listLagging(tx, connectorId));
    const waiting = lagging.filter(({ id }) => !underWay.has(id));
    const errors: unknown[] = [];
    const work = async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        await move(next).catch((error: unknown) => errors.push(error));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    // A failure does not prevent the other instances from being processed.
    if (errors.length > 0) throw errors[0];
  }

  async function move({ id, tenant }: store.Lagging): Promise<void> {
    if (underWay.has(id)) return;
    underWay.add(id);
    try {
      const settled = await settle(tenant, id, {});
      if (settled.status === 'settled') return;
      const rejection = { versionId: settled.versionId, message: describe(settled) };
      await database.within(tenant, (tx) => store.saveRejection(tx, id, rejection));
    } finally {
      underWay.delete(id);
    }
  }

  return {
    follow,
    async catchUp() {
      await database.asPlatform((tx) => store.endInterruptedTests(tx, new Date(Date.now() - TESTING_MS_MAX)));
      await follow(undefined);
    },
  };
}

function describe({ version, diagnostics }: { version: string; diagnostics: Diagnostic[] }): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const lines = errors.slice(0, ERRORS_SHOWN_MAX).map(({ line, column, message }) => `${line}:${column} ${message}`);
  const more = errors.length > ERRORS_SHOWN_MAX ? [`and ${errors.length - ERRORS_SHOWN_MAX} more`] : [];
  const text = `Version ${version} does not compile for this instance: ${[...lines, ...more].join('; ')}`;
  return text.replaceAll('\0', '').slice(0, MESSAGE_LENGTH_MAX);
}
