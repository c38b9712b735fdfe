import { type Api, createApi, createLargeBodies, type Logger } from '@toolplane/service-kit';
import { createAuthenticate } from './access/authenticate.ts';
import type { Principal } from './access/principal.ts';
import type { ApiKeys } from './api-keys/api-keys.ts';
import { addApiKeyRoutes } from './api-keys/routes.ts';
import type { Deployments } from './deployments/deployments.ts';
import { addDeploymentRoutes } from './deployments/routes.ts';
import type { Compiler } from './documents/compiling/compiler.ts';
import { BODY_BYTES_MAX } from './documents/document-schemas.ts';
import type { Documents } from './documents/documents.ts';
import { addDocumentRoutes } from './documents/routes.ts';
import type { Organizations } from './organizations/organizations.ts';
import { addOrganizationRoutes } from './organizations/routes.ts';
import { addSecretRoutes } from './secrets/routes.ts';
import type { SealingKeys } from './secrets/sealing-keys.ts';
import type { Secrets } from './secrets/secrets.ts';
import { addServerRoutes } from './servers/routes.ts';
import type { Servers } from './servers/servers.ts';
import { addWorkspaceRoutes } from './workspaces/routes.ts';
import type { Workspaces } from './workspaces/workspaces.ts';

export type Domains = {
  apiKeys: ApiKeys;
  compiler: Compiler;
  deployments: Deployments;
  documents: Documents;
  organizations: Organizations;
  sealingKeys: SealingKeys;
  secrets: Secrets;
  servers: Servers;
  workspaces: Workspaces;
};

const LARGE_BODIES_AT_ONCE = 8;

/** The REST API over the domains. */
export function createControlPlaneApi(domains: Domains, edgePublicUrl: string, logger: Logger): Api<Principal> {
  const about = {
    title: 'Toolplane API',
    version: '1',
    description: 'Declare workflows, get hosted MCP servers.',
    openApiPath: '/api/v1/openapi.json',
  };
  const largeBodies = createLargeBodies<Principal>({
    bytesMax: BODY_BYTES_MAX,
    atOnceMax: LARGE_BODIES_AT_ONCE,
    parse: (bytes, { workspaceId }) => domains.compiler.parseBody(workspaceId, bytes),
  });
  return createApi({ ...about, logger, authenticate: createAuthenticate(domains.apiKeys) }, (api) => {
    addOrganizationRoutes(api, domains.organizations);
    addWorkspaceRoutes(api, domains.workspaces);
    addApiKeyRoutes(api, domains.apiKeys);
    addServerRoutes(api, { ...domains, edgePublicUrl });
    addDeploymentRoutes(api, { ...domains, largeBodies });
    addDocumentRoutes(api, { ...domains, largeBodies });
    addSecretRoutes(api, domains);
  });
}
