import { AsyncLocalStorage } from 'node:async_hooks';
import { gunzipSync } from 'node:zlib';
import { AppError, fetchedDocumentSchema } from '@toolplane/contracts';
import { type Commands, toDefaultPool } from '../commands.ts';
import { toOwnMetadata } from './client-metadata.ts';

/** Size limit of client metadata; the draft (draft-ietf-oauth-client-id-metadata-document) recommends 5 KB. */
const BYTES_MAX = 5 * 1024;

export type ClientDocuments = {
  /** Returns a response of the Fetch standard. Throws if there is no document under exactly this URL. */
  fetch(url: string): Promise<Response>;
  /** Sets the workspace for which `run` fetches. */
  within<Result>(workspaceId: string, run: () => Promise<Result>): Promise<Result>;
};

/**
 * Client metadata published under the URL that is the client's id. The data plane fetches it, because no other service
 * may connect to the outside. It counts as traffic of the workspace whose server the client requests, and its egress
 * rules apply.
 */
export function createClientDocuments(options: {
  commands: Commands;
  /** The workspace of the current request, if `within` does not set one. */
  findWorkspace(): Promise<string | undefined>;
}): ClientDocuments {
  const { commands } = options;
  const workspaces = new AsyncLocalStorage<string>();
  return {
    async fetch(url) {
      const workspaceId = workspaces.getStore() ?? (await options.findWorkspace());
      if (workspaceId === undefined) throw new AppError('not_found', 'The client metadata does not name a server');
      const limits = { refusesRedirects: true, bytesMax: BYTES_MAX } as const;
      const answer = await commands.send(toDefaultPool(workspaceId), { command: 'fetch_document', url, ...limits });
      const { gzipped } = fetchedDocumentSchema.parse(answer);
      const bytes = gunzipSync(Buffer.from(gzipped, 'base64'), { maxOutputLength: BYTES_MAX });
      return new Response(toOwnMetadata(bytes.toString()), { headers: { 'content-type': 'application/json' } });
    },
    within: (workspaceId, run) => workspaces.run(workspaceId, run),
  };
}
