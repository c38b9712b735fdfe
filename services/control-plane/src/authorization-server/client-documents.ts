import { AsyncLocalStorage } from 'node:async_hooks';
import { gunzipSync } from 'node:zlib';
import { AppError, fetchedDocumentSchema } from '@toolplane/contracts';
import { type Commands, toDefaultPool } from '../commands.ts';
import { toOwnMetadata } from './client-metadata.ts';

/** Of what a client says of itself; the draft (draft-ietf-oauth-client-id-metadata-document) names 5 KB. */
const BYTES_MAX = 5 * 1024;

export type ClientDocuments = {
  /** In the form of the Fetch standard. Throws when there is no document under exactly this URL. */
  fetch(url: string): Promise<Response>;
  /** Says for which workspace `run` fetches. */
  within<Result>(workspaceId: string, run: () => Promise<Result>): Promise<Result>;
};

/**
 * What clients publish of themselves under the URL that is their id, fetched by the data plane, because nobody else may
 * connect to the outside. It counts as traffic of the workspace whose server the client wants, and keeps to its rules.
 */
export function createClientDocuments(options: {
  commands: Commands;
  /** Of the request that is going on, where `within` says nothing. */
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
