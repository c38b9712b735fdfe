import type { IncomingMessage } from 'node:http';
import { type ClientAddress, createHostCheck, type Logger } from '@toolplane/service-kit';
import { type Api, createApi, createLargeBodies } from '@toolplane/service-kit/http';
import type { Principal } from './access/principal.ts';
import { addAccountPage } from './account/account-page.ts';
import { addAgentRoutes } from './agents/routes.ts';
import { addApiKeyRoutes } from './api-keys/routes.ts';
import { addApprovalRoutes } from './approvals/routes.ts';
import { createChangeRecorder } from './audit/record-changes.ts';
import { addAuditRoutes } from './audit/routes.ts';
import { createAuthenticate } from './authentication/authenticate.ts';
import { toSessionPrincipal } from './authentication/session-principal.ts';
import { addAgentClientRoutes } from './authorization-server/agent-client-routes.ts';
import { addConsentPage } from './authorization-server/consent-page.ts';
import { addGrantRoutes } from './authorization-server/grant-routes.ts';
import { addAuthorizationServer } from './authorization-server/routes.ts';
import { addCallLogRoutes } from './call-log/routes.ts';
import { addCatalogueRoutes } from './catalogue/routes.ts';
import { addCliFile, type CliFile } from './cli/cli-file.ts';
import { addConnectPage } from './connect-links/connect-page.ts';
import { addCallbackPage } from './connector-credentials/callback-page.ts';
import { addCredentialRoutes } from './connector-credentials/routes.ts';
import { addUserConnectionRoutes } from './connector-credentials/user-connection-routes.ts';
import { addInstanceRoutes } from './connector-instances/routes.ts';
import { addConnectorImportRoute, IMPORT_BODY_BYTES_MAX } from './connectors/import-route.ts';
import { addConnectorRoutes } from './connectors/routes.ts';
import { addConnectorSchemaRoute } from './connectors/schema-route.ts';
import type { ConsoleFiles } from './console/console-files.ts';
import { addConsolePage, CONSOLE_PATH } from './console/console-page.ts';
import { addDebugSessionRoutes } from './debug-sessions/routes.ts';
import { addDeploymentRoutes } from './deployments/routes.ts';
import { BODY_BYTES_MAX } from './documents/document-schemas.ts';
import { addDocumentRoutes } from './documents/routes.ts';
import type { Domains } from './domains.ts';
import { addEgressRulesRoutes } from './egress-rules/routes.ts';
import { addClientDocument } from './external-servers/client-document.ts';
import { addExternalServerRoutes } from './external-servers/routes.ts';
import { addExternalSignInRoutes } from './external-servers/sign-in-routes.ts';
import { addExternalUserRoutes } from './external-users/routes.ts';
import { addInvitationPage } from './invitations/invitation-page.ts';
import { addInvitationRoutes } from './invitations/routes.ts';
import { addMemberRoutes } from './members/routes.ts';
import { addOrganizationRoutes } from './organizations/routes.ts';
import { addPageFiles } from './pages/page-files.ts';
import { addPolicyRoutes } from './policies/routes.ts';
import { addReplayRoutes } from './replays/routes.ts';
import { addSecondFactorRoutes } from './second-factors/routes.ts';
import { addSecondFactorPage } from './second-factors/second-factor-page.ts';
import { addSecretRoutes } from './secrets/routes.ts';
import { addLifecycleRoutes } from './servers/lifecycle-routes.ts';
import { addServerRoutes } from './servers/routes.ts';
import { addSignInRoutes } from './sign-in/routes.ts';
import { addSignInPages } from './sign-in/sign-in-pages.ts';
import { addSignOnCallback } from './single-sign-on/callback-page.ts';
import { addSingleSignOnRoutes } from './single-sign-on/routes.ts';
import { addWorkspaceRoutes } from './workspaces/routes.ts';

/** The addresses and settings through which programs and people reach the platform. */
type Reached = {
  edgePublicUrl: string;
  publicUrl: string;
  requestsPerMinute: number;
  /** Host names of this service in addition to that of `publicUrl`. */
  allowedHosts: readonly string[];
  addressOf: ClientAddress;
  /** Undefined if there is no web console. */
  webConsole?: ConsoleFiles | undefined;
  /** Undefined if there is no command line tool to download. */
  cli?: CliFile | undefined;
};

const LARGE_BODIES_AT_ONCE = 8;
const IMPORTS_AT_ONCE = 2;

/** Creates the REST API on top of the domains. */
export function createControlPlaneApi(
  domains: Domains,
  { edgePublicUrl, webConsole, cli, ...pages }: Reached,
  logger: Logger,
): Api<Principal> {
  const about = {
    title: 'Toolplane API',
    version: '1',
    description: 'Declare workflows, get hosted MCP servers.',
    openApiPath: '/api/v1/openapi.json',
  };
  const parse = (bytes: Buffer, { workspaceId }: Principal) => domains.compiler.parseBody(workspaceId, bytes);
  const holderOf = ({ organizationId }: Principal) => organizationId;
  const largeBodies = createLargeBodies({
    bytesMax: BODY_BYTES_MAX,
    atOnceMax: LARGE_BODIES_AT_ONCE,
    holderOf,
    parse,
  });
  const importBodies = createLargeBodies({
    bytesMax: IMPORT_BODY_BYTES_MAX,
    atOnceMax: IMPORTS_AT_ONCE,
    holderOf,
    parse,
  });
  const people = {
    hasSession: domains.sessions.hasCookie,
    authenticate: (req: IncomingMessage) => toSessionPrincipal(req, domains),
  };
  const authenticate = createAuthenticate(domains.apiKeys, people, pages.addressOf);
  // The landing page for people who have no page to return to.
  const home = webConsole === undefined ? '/account' : CONSOLE_PATH;
  const recordChange = createChangeRecorder({
    audit: domains.audit,
    findServerId: domains.servers.findId,
    logger,
  });
  const checkHost = createHostCheck(pages);
  return createApi({ ...about, logger, authenticate, checkHost, addressOf: pages.addressOf, recordChange }, (api) => {
    addOrganizationRoutes(api, domains.organizations);
    addWorkspaceRoutes(api, domains.workspaces);
    addEgressRulesRoutes(api, domains.egressRules);
    addSignInRoutes(api, domains);
    addSingleSignOnRoutes(api, { ...domains, publicUrl: pages.publicUrl });
    addSecondFactorRoutes(api, domains);
    addMemberRoutes(api, domains);
    addInvitationRoutes(api, domains);
    addGrantRoutes(api, domains);
    addAgentClientRoutes(api, domains);
    addApiKeyRoutes(api, domains.apiKeys);
    addAgentRoutes(api, domains.agents);
    addAuditRoutes(api, domains);
    addCallLogRoutes(api, domains);
    addExternalUserRoutes(api, domains);
    addUserConnectionRoutes(api, domains);
    addServerRoutes(api, { ...domains, edgePublicUrl });
    addExternalServerRoutes(api, domains);
    addExternalSignInRoutes(api, domains);
    addClientDocument(api, pages);
    addLifecycleRoutes(api, { ...domains, edgePublicUrl });
    addPolicyRoutes(api, domains);
    addApprovalRoutes(api, domains);
    addDebugSessionRoutes(api, { ...domains, edgePublicUrl });
    addReplayRoutes(api, domains);
    addDeploymentRoutes(api, { ...domains, largeBodies });
    addDocumentRoutes(api, { ...domains, largeBodies });
    addSecretRoutes(api, domains);
    addConnectorRoutes(api, { ...domains, largeBodies });
    addConnectorImportRoute(api, { ...domains, importBodies });
    addConnectorSchemaRoute(api, domains.compiler);
    addInstanceRoutes(api, { ...domains, edgePublicUrl });
    addCredentialRoutes(api, domains);
    addCallbackPage(api, { ...domains, ...pages });
    addPageFiles(api);
    addConnectPage(api, { ...domains, ...pages });
    addSignInPages(api, { ...domains, home });
    addSignOnCallback(api, { ...domains, publicUrl: pages.publicUrl });
    addSecondFactorPage(api, domains);
    addAccountPage(api, { ...domains, publicUrl: pages.publicUrl, hasConsole: webConsole !== undefined });
    addInvitationPage(api, { ...domains, home });
    if (domains.authorizationServer !== undefined) {
      addConsentPage(api, { ...domains.authorizationServer, ...domains });
      addAuthorizationServer(api, domains.authorizationServer);
    }
    addCatalogueRoutes(api, domains);
    if (webConsole !== undefined) addConsolePage(api, webConsole, edgePublicUrl);
    if (cli !== undefined) addCliFile(api, cli);
  });
}
