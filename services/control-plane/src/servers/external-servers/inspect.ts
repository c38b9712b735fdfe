import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import {
  AppError,
  type CredentialRef,
  type ErrorCode,
  type ExternalQuestion,
  type ExternalServer,
  externalServerSchema,
  type InspectedServer,
  inspectedServerSchema,
} from '@toolplane/contracts';
import { createSemaphore } from '@toolplane/service-kit';
import type { Commands, Destination } from '../../platform/commands/commands.ts';
import { type Header, toHeaderTemplates } from './header-templates.ts';

/** The server to inspect, and whose secrets to use. `sealedHeaders` are further headers in one sealed value. */
export type InspectedAddress = {
  url: string;
  transport: 'http' | 'sse' | null;
  headers: readonly Header[];
  owner?: { workspaceId: string; serverId: string };
  /** Identifies the sign-in whose token is sent. */
  signIn?: CredentialRef;
  sealedHeaders?: string;
  /** What the server may ask clients for. The server is informed, because it may offer some tools only then. */
  allow: readonly ExternalQuestion[];
};

/** What an external server declares, or the reason why this is not known. */
export type Inspection =
  | { state: 'ok'; declared: ExternalServer }
  | { state: 'unreachable' | 'failed'; code: ErrorCode; message: string };

/** Rejects if the data plane does not answer, because that says nothing about the external server. */
export type Inspect = (to: Destination, address: InspectedAddress) => Promise<Inspection>;

/** Limit of concurrent inspections per workspace and process. A server that hangs blocks one of them for 15 s. */
const AT_ONCE_MAX = 5;
const WAIT_MS_MAX = 10_000;
/** Limit of everything that one server declares, which is stored and published with what a server offers. */
const DECLARED_BYTES_MAX = 1024 * 1024;
const MESSAGE_LENGTH_MAX = 500;

const OURS: ReadonlySet<ErrorCode> = new Set([
  ...(['config_unavailable', 'incompatible', 'internal', 'invalid_request', 'queue_full', 'queue_restarted'] as const),
  ...(['queue_unavailable', 'rate_limited', 'secret_unavailable', 'shutting_down', 'tenant_busy'] as const),
]);
const AWAY: ReadonlySet<ErrorCode> = new Set([
  ...(['deadline_exceeded', 'external_server_unavailable', 'upstream_busy', 'upstream_paused'] as const),
  ...(['upstream_timeout', 'upstream_unreachable'] as const),
]);

/** Uses the data plane, because no other service may connect to the outside. */
export function createInspect({ commands }: { commands: Commands }): Inspect {
  const inspections = createSemaphore({ slotsPerKeyMax: AT_ONCE_MAX, toError: tenantBusy });
  return async (to, { url, transport, headers, owner, signIn, sealedHeaders, allow }) => {
    try {
      const command = {
        command: 'inspect_external_server' as const,
        url,
        headers: toHeaderTemplates(headers).headers,
        allow: [...allow],
        ...(transport !== null && { transport }),
        ...(owner !== undefined && { owner }),
        ...(signIn !== undefined && { signIn }),
        ...(sealedHeaders !== undefined && { sealedHeaders }),
      };
      const wait = { key: to.tenant, timeoutMs: WAIT_MS_MAX };
      const answer = await inspections.run(() => commands.send(to, command), wait);
      return { state: 'ok', declared: await readDeclared(inspectedServerSchema.parse(answer)) };
    } catch (error) {
      if (!(error instanceof AppError) || OURS.has(error.code)) throw error;
      const { code } = error;
      const message = error.message.replaceAll('\0', '').slice(0, MESSAGE_LENGTH_MAX);
      return { state: AWAY.has(code) ? 'unreachable' : 'failed', code, message };
    }
  };
}

function tenantBusy(): AppError {
  const message = `The workspace already has ${AT_ONCE_MAX} requests of this kind in progress`;
  return new AppError('tenant_busy', message);
}

async function readDeclared({ gzipped }: InspectedServer): Promise<ExternalServer> {
  const zipped = Buffer.from(gzipped, 'base64');
  const bytes = await gunzipBytes(zipped, { maxOutputLength: DECLARED_BYTES_MAX }).catch((cause: unknown) => {
    throw new AppError('external_server_failed', 'The declarations of the external server are larger than 1 MiB', {
      cause,
    });
  });
  return externalServerSchema.parse(JSON.parse(bytes.toString()));
}

const gunzipBytes: (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer> = promisify(gunzip);
