import { AppError, planLimits } from '@toolplane/contracts';
import { nameToolkit } from '../../catalogue/toolkit-slugs.ts';
import type { Database, Transaction } from '../../platform/database/database.ts';
import { newId } from '../../platform/ids.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { toHealth } from './check-times.ts';
import { toToolkit } from './copy-attached.ts';
import { ALLOW_DEFAULT, type ExternalConfig, TIMEOUT_MS_DEFAULT } from './external-config.ts';
import { findSecretNames } from './header-templates.ts';
import type { Inspect, Inspection } from './inspect.ts';
import { keepHeaders, listDropped, removeSecrets } from './keep-headers.ts';
import { refuseConfigs } from './refuse-configs.ts';
import { isNamed, pinTools } from './review.ts';
import {
  type AttachedServer,
  type ExternalServerSignIn,
  listAttached,
  NO_SIGN_IN,
  replaceAttached,
  toSignInRef,
} from './store.ts';

/** Servers to attach. `save` runs in the transaction that changes the server, while the server is locked. */
export type PreparedAttached = {
  save(tx: Transaction): Promise<void>;
  /** Called after saving: deletes secrets of sealed headers to which no header refers any more. */
  cleanUp(): Promise<void>;
  /** Called if nothing was saved: deletes the secrets that were stored in preparation. */
  discard(): Promise<void>;
};

/**
 * Inspects the servers to attach before anything is saved. Only sealed headers are stored beforehand, as secrets that
 * nothing reads yet. Rejects with the problems, and then nothing is kept.
 */
export type PrepareAttached = (
  principal: Principal,
  server: { id: string; workspaceId: string; pool: string | null },
  configs: readonly ExternalConfig[],
) => Promise<PreparedAttached>;

type Seen = {
  config: ExternalConfig;
  headers: AttachedServer['headers'];
  inspection: Inspection;
  toolsBefore: readonly string[];
};

export function createPrepareAttached(options: {
  database: Database;
  secrets: Pick<Secrets, 'put' | 'remove'>;
  inspect: Inspect;
  refreshMs: number;
}): PrepareAttached {
  const { database, secrets, inspect, refreshMs } = options;

  /** A server can be attached even if the data plane does not answer: the server is checked later. */
  async function look(...asked: Parameters<Inspect>): Promise<Inspection> {
    try {
      return await inspect(...asked);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { state: 'unreachable', code: error.code, message: `It has not been checked yet: ${error.message}` };
    }
  }

  return async (principal, { id: serverId, workspaceId, pool }, configs) => {
    const owner = { workspaceId, serverId };
    const before = await database.within(principal, (tx) => listAttached(tx, serverId));
    const known = new Map(before.map((server) => [server.name, server]));
    const { headers: kept, stored } = await keepHeaders(secrets, principal, serverId, configs, known);
    const discard = async () => {
      // The configuration may have been saved even though the response of the database was lost.
      const current = await database.within(principal, (tx) => listAttached(tx, serverId)).catch(() => undefined);
      if (current === undefined) return;
      const named = new Set(current.flatMap(({ headers }) => headers.flatMap(([, value]) => findSecretNames(value))));
      await removeSecrets(
        secrets,
        principal,
        serverId,
        stored.filter((name) => !named.has(name)),
      );
    };
    let seen: Seen[];
    try {
      seen = await Promise.all(
        configs.map(async (config, index): Promise<Seen> => {
          const { url, transport = null, allow = ALLOW_DEFAULT } = config;
          const headers = kept[index] ?? [];
          const before = known.get(config.name);
          const signIn = before?.url === url && before.signedInAt !== null ? { signIn: toSignInRef(before) } : {};
          const address = { url, transport, headers, owner, allow, ...signIn };
          const inspection = await look({ tenant: workspaceId, pool }, address);
          return { config, headers, inspection, toolsBefore: before?.tools ?? [] };
        }),
      );
      refuseConfigs(seen);
    } catch (error) {
      await discard();
      throw error;
    }
    return {
      async save(tx) {
        const current = new Map((await listAttached(tx, serverId)).map((server) => [server.name, server]));
        const attached: AttachedServer[] = [];
        for (const one of seen) {
          const { name } = one.config;
          const { organizationId } = principal;
          const toolkit = await nameToolkit(tx, toToolkit({ organizationId, serverId, name }));
          attached.push(toAttached(one, { ...owner, toolkit, before: current.get(name), refreshMs }));
        }
        await replaceAttached(tx, serverId, attached);
      },
      cleanUp: () => removeSecrets(secrets, principal, serverId, listDropped(before, kept)),
      discard,
    };
  };
}

/** If the URL of an attached server stays the same, its approvals and its sign-in are kept. */
function toAttached(
  { config, headers, inspection }: Seen,
  to: Pick<AttachedServer, 'workspaceId' | 'serverId' | 'toolkit'> & {
    before: AttachedServer | undefined;
    refreshMs: number;
  },
): AttachedServer {
  const { before, refreshMs, ...owner } = to;
  const { name, url, transport = null, tools, prefix = `${name}__`, pin = 'review' } = config;
  const same = before?.url === url ? before : undefined;
  const declared = inspection.state === 'ok' ? inspection.declared : (same?.declared ?? null);
  const reviewable = { tools, pin, declared, pins: same?.pins ?? [] };
  const isNewlyNamed = (tool: string) => isNamed(tools, tool) && (same?.declared == null || !isNamed(same.tools, tool));
  return {
    id: same?.id ?? newId('ext'),
    ...owner,
    name,
    url,
    headers,
    tools,
    prefix,
    pin,
    transport,
    declared,
    ...pickSignIn(same ?? NO_SIGN_IN),
    allow: config.allow ?? ALLOW_DEFAULT,
    timeoutMs: config.timeoutMs ?? TIMEOUT_MS_DEFAULT,
    outputBytesMax: config.maxOutputBytes ?? planLimits.outputBytesMax,
    pins: inspection.state === 'ok' ? pinTools(reviewable, isNewlyNamed) : reviewable.pins,
    ...toHealth(inspection, { failures: 0, wantsSignIn: same?.wantsSignIn ?? false }, { refreshMs, now: new Date() }),
  };
}

function pickSignIn({
  signedInAt,
  signInIssuer,
  signInScope,
  mayHoldTokens,
}: ExternalServerSignIn): ExternalServerSignIn {
  return { signedInAt, signInIssuer, signInScope, mayHoldTokens };
}
