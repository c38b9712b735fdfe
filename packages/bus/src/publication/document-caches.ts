import {
  AppError,
  apiKeyRecordSchema,
  approvalDecisionSchema,
  catalogueSchema,
  egressRulesSchema,
  externalUserRecordSchema,
  issuerSchema,
  manifestSchema,
  type Plan,
  planSchema,
  userRulesSchema,
} from '@toolplane/contracts';
import { digestOf, type Verifier } from '@toolplane/sealing';
import { keys } from '../keys.ts';
import {
  createDocumentCache,
  type DocumentCacheLimits,
  type DocumentLookup,
  type Revisioned,
} from './document-cache.ts';

/** One cache for each kind of published document. `lookUp` reads the value of a key in Redis. */
export function createDocumentCaches({
  verifier,
  lookUp,
  limits,
}: {
  verifier: Verifier;
  lookUp(key: string): Promise<DocumentLookup>;
  limits: DocumentCacheLimits;
}) {
  /** `membersOf` returns the members that a document stored under this id must have. */
  function cacheOf<Document extends Revisioned>(
    schema: { parse(document: unknown): Document },
    keyOf: (id: string) => string,
    membersOf: (id: string) => Partial<Document>,
  ) {
    return createDocumentCache<Document>({
      ...limits,
      lookUp: (id) => lookUp(keyOf(id)),
      verify: async (id, text) => belonging(schema.parse(await verifier.verify(text)), membersOf(id)),
    });
  }

  return {
    manifests: cacheOf(manifestSchema, keys.manifest, (serverId) => ({ serverId })),
    apiKeys: cacheOf(apiKeyRecordSchema, keys.apiKey, (keyId) => ({ keyId })),
    catalogues: cacheOf(catalogueSchema, keys.catalogue, (workspaceId) => ({ workspaceId })),
    egressRules: cacheOf(egressRulesSchema, keys.egressRules, (workspaceId) => ({ workspaceId })),
    userRules: cacheOf(userRulesSchema, keys.userRules, (workspaceId) => ({ workspaceId })),
    externalUsers: cacheOf(
      externalUserRecordSchema,
      (id) => keys.externalUser(...toParts(id)),
      (id) => {
        const [workspaceId, userDigest] = toParts(id);
        return { workspaceId, userDigest };
      },
    ),
    approvals: cacheOf(
      approvalDecisionSchema,
      (id) => keys.approval(...toParts(id)),
      (id) => {
        const [workspaceId, requestDigest] = toParts(id);
        return { workspaceId, requestDigest };
      },
    ),
    issuers: cacheOf(
      issuerSchema,
      () => keys.issuer,
      () => ({}),
    ),
    // A plan is named by its content and so never changes: it has one revision and need not be read again.
    plans: createDocumentCache<{ revision: 0; plan: Plan }>({
      ...limits,
      refreshMs: Number.POSITIVE_INFINITY,
      lookUp: (digest) => lookUp(keys.plan(digest)),
      async verify(digest, text) {
        const document = await verifier.verify(text);
        if (digestOf(document) !== digest) throw new AppError('internal', 'A published plan does not match its digest');
        return { revision: 0, plan: planSchema.parse(document) };
      },
    }),
  };
}

/** Neither ids nor digests contain a colon. */
function toParts(id: string): [workspaceId: string, digest: string] {
  const at = id.indexOf(':');
  return [id.slice(0, at), id.slice(at + 1)];
}

/**
 * A signed document is valid only under its own id; otherwise, a writer to Redis could replace one document by another.
 */
function belonging<Document extends object>(document: Document, members: Partial<Document>): Document {
  for (const name of Object.keys(members) as (keyof Document)[]) {
    if (document[name] !== members[name]) throw new AppError('internal', 'A published document does not match its key');
  }
  return document;
}
