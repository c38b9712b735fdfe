import type { ExternalServer } from '@toolplane/contracts';
import type { Transaction } from '../../platform/database/database.ts';
import type { Attachment, ShownTool } from './attach.ts';
import { reviewTools } from './review.ts';
import { type AttachedServer, listAttached } from './store.ts';

/** The description of an external server. Only the names of its headers are shown. */
export type ShownAttached = Pick<
  AttachedServer,
  'name' | 'url' | 'transport' | 'tools' | 'prefix' | 'pin' | 'allow' | 'timeoutMs' | 'state' | 'message'
> & {
  headerNames: string[];
  maxOutputBytes: number;
  authorization: {
    state: 'none' | 'needed' | 'signed_in';
    signedInAt: string | null;
    issuer: string | null;
    scope: string | null;
  };
  checkedAt: string | null;
  /** Names of tools that wait for approval. */
  toReview: string[];
};

/** The description of an external server with the state of each of its tools. */
export type ReportedAttached = ShownAttached & { reviewed: ShownTool[]; leftOut: ExternalServer['leftOut'] };

export async function showAttached(tx: Transaction, serverId: string): Promise<ShownAttached[]> {
  return (await listAttached(tx, serverId)).map(toShown);
}

export async function reportAttached(
  tx: Transaction,
  serverId: string,
  attachment: Attachment | undefined,
): Promise<ReportedAttached[]> {
  return (await listAttached(tx, serverId)).map((attached) => {
    const { tools: reviewed = [], leftOut = [] } = attachment?.reports.get(attached.name) ?? {};
    return { ...toShown(attached), reviewed, leftOut };
  });
}

function toShown(attached: AttachedServer): ShownAttached {
  const { name, url, transport, headers, tools, prefix, pin, allow, timeoutMs } = attached;
  const { outputBytesMax, state, message, checkedAt } = attached;
  const waiting = reviewTools(attached).filter(({ status }) => status === 'changed' || status === 'new');
  return {
    name,
    url,
    transport,
    headerNames: headers.map(([header]) => header),
    tools,
    prefix,
    pin,
    allow,
    timeoutMs,
    maxOutputBytes: outputBytesMax,
    authorization: toAuthorization(attached),
    state,
    message,
    checkedAt: checkedAt?.toISOString() ?? null,
    toReview: waiting.map((tool) => tool.name),
  };
}

function toAuthorization({ wantsSignIn, signedInAt, signInIssuer, signInScope }: AttachedServer) {
  const state = wantsSignIn ? ('needed' as const) : signedInAt === null ? ('none' as const) : ('signed_in' as const);
  return { state, signedInAt: signedInAt?.toISOString() ?? null, issuer: signInIssuer, scope: signInScope };
}
