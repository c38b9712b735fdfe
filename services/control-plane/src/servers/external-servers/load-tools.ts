import { createHash } from 'node:crypto';
import { AppError, type ExternalServer } from '@toolplane/contracts';
import { inspectionAudience } from '@toolplane/sealing';
import { toDefaultPool } from '../../platform/commands/commands.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { checkSealed } from '../../platform/sealed.ts';
import { ALLOW_DEFAULT } from './external-config.ts';
import type { Inspect, Inspection } from './inspect.ts';

export type LoadRequest = {
  url: string;
  transport: 'http' | 'sse' | null;
  /** A JSON object of headers, sealed as one secret. */
  sealedHeaders: string | undefined;
  /** Maximum age of an earlier response for the same workspace, URL and headers. */
  cacheMinutes: number;
};

export type LoadedTools = { declared: ExternalServer; loadedAt: Date; isCached: boolean };

/** Returns what any external MCP server declares, without attaching the server. */
export type LoadTools = (principal: Principal, request: LoadRequest) => Promise<LoadedTools>;

/** An entry has a few MiB at most. */
const KEPT_MAX = 50;
const MINUTE_MS = 60_000;

export function createLoadTools({ inspect }: { inspect: Inspect }): LoadTools {
  /** Entries are in the order in which they were loaded. */
  const kept = new Map<string, Omit<LoadedTools, 'isCached'>>();

  return async ({ workspaceId }, { url, transport, sealedHeaders, cacheMinutes }) => {
    if (sealedHeaders !== undefined) {
      checkSealed(sealedHeaders, inspectionAudience(workspaceId, url), 'body.headers.sealed');
    }
    const key = createHash('sha256')
      .update(JSON.stringify([workspaceId, url, transport, sealedHeaders]))
      .digest('hex');
    const known = kept.get(key);
    if (known !== undefined && Date.now() - known.loadedAt.getTime() < cacheMinutes * MINUTE_MS) {
      return { ...known, isCached: true };
    }
    const inspection = await inspect(toDefaultPool(workspaceId), {
      url,
      transport,
      headers: [],
      allow: ALLOW_DEFAULT,
      ...(sealedHeaders !== undefined && { sealedHeaders }),
    });
    if (inspection.state !== 'ok') throw new AppError(inspection.code, toMessage(inspection, url, sealedHeaders));
    const loaded = { declared: inspection.declared, loadedAt: new Date() };
    kept.delete(key);
    if (cacheMinutes > 0) kept.set(key, loaded);
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT_MAX) break;
      kept.delete(oldest);
    }
    return { ...loaded, isCached: false };
  };
}

/** Rewords the message about a missing sign-in: the server is not attached yet, so nobody can sign in to it. */
function toMessage({ code, message }: Exclude<Inspection, { state: 'ok' }>, url: string, sealedHeaders?: string) {
  if (code !== 'external_sign_in_needed') return message;
  const { host } = new URL(url);
  const [problem, remedy] =
    sealedHeaders === undefined
      ? ['requires a key or a sign-in', 'send the key in `headers`']
      : ['does not accept these `headers`', 'send others'];
  return `The external server ${host} ${problem}: ${remedy}, or attach it to a server and sign in`;
}
