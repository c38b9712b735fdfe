import type { IncomingMessage } from 'node:http';
import { type ClientAddress, createHostCheck, type Logger } from '@toolplane/service-kit';
import { type Api, createApi, createLargeBodies } from '@toolplane/service-kit/http';
import { addAgentRoutes } from './access/agents/routes.ts';
import { addApiKeyRoutes } from './access/api-keys/routes.ts';
import { createAuthenticate } from './access/authentication/authenticate.ts';
import { toSessionPrincipal } from './access/authentication/session-principal.ts';
import { addExternalUserRoutes } from './access/external-users/routes.ts';
import { addOrganizationRoutes } from './access/organizations/routes.ts';
import { addCatalogueRoutes } from './catalogue/routes.ts';
import { addConnectPage } from './connectors/connect-links/connect-page.ts';
import { addCallbackPage } from './connectors/credentials/callback-page.ts';
import { addCredentialRoutes } from './connectors/credentials/routes.ts';
import { addUserConnectionRoutes } from './connectors/credentials/user-connection-routes.ts';
import { addConnectorImportRoute, IMPORT_BODY_BYTES_MAX } from './connectors/import-route.ts';
import { addInstanceRoutes } from './connectors/instances/routes.ts';
import { addConnectorRoutes } from './connectors/routes.ts';
import { addConnectorSchemaRoute } from './connectors/schema-route.ts';
import { addSealingTargetRoute } from './connectors/sealing-target-route.ts';
import type { Domains } from './domains.ts';
import { addAccountPage } from './identity/account/account-page.ts';
import { addInvitationPage } from './identity/invitations/invitation-page.ts';
import { addInvitationRoutes } from './identity/invitations/routes.ts';
import { addMemberRoutes } from './identity/members/routes.ts';
import { addSecondFactorRoutes } from './identity/second-factors/routes.ts';
import { addSecondFactorPage } from './identity/second-factors/second-factor-page.ts';
import { addSignInRoutes } from './identity/sign-in/routes.ts';
import { addSignInPages } from './identity/sign-in/sign-in-pages.ts';
import { addSignOnCallback } from './identity/single-sign-on/callback-page.ts';
import { addSingleSignOnRoutes } from './identity/single-sign-on/routes.ts';
import { addWorkspaceRoutes } from './identity/workspaces/routes.ts';
import { addAgentClientRoutes } from './oauth/agent-client-routes.ts';
import { addConsentPage } from './oauth/consent-page.ts';
import { addGrantRoutes } from './oauth/grant-routes.ts';
import { addAuthorizationServer } from './oauth/routes.ts';
import { addApprovalRoutes } from './operations/approvals/routes.ts';
import { addCallLogRoutes } from './operations/call-log/routes.ts';
import { addDebugSessionRoutes } from './operations/debug-sessions/routes.ts';
import { addReplayRoutes } from './operations/replays/routes.ts';
import { createChangeRecorder } from './platform/audit/record-changes.ts';
import { addAuditRoutes } from './platform/audit/routes.ts';
import { addPageFiles } from './platform/pages/page-files.ts';
import type { Principal } from './platform/principals/principal.ts';
import { addDeploymentRoutes } from './servers/deployments/routes.ts';
import { BODY_BYTES_MAX } from './servers/documents/document-schemas.ts';
import { addDocumentRoutes } from './servers/documents/routes.ts';
import { addEgressRulesRoutes } from './servers/egress-rules/routes.ts';
import { addClientDocument } from './servers/external-servers/client-document.ts';
import { addExternalServerRoutes } from './servers/external-servers/routes.ts';
import { addExternalSignInRoutes } from './servers/external-servers/sign-in-routes.ts';
import { addLifecycleRoutes } from './servers/lifecycle-routes.ts';
import { addPolicyRoutes } from './servers/policies/routes.ts';
import { addServerRoutes } from './servers/routes.ts';
import { addSecretRoutes } from './servers/secrets/routes.ts';
import { addCliFile, type CliFile } from './static/cli-file.ts';
import type { ConsoleFiles } from './static/console-files.ts';
import { addConsolePage, CONSOLE_PATH } from './static/console-page.ts';

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
  const consolePath = webConsole === undefined ? undefined : CONSOLE_PATH;
  const home = consolePath ?? '/account';
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
    addSealingTargetRoute(api, domains);
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
    addAccountPage(api, { ...domains, publicUrl: pages.publicUrl, consolePath });
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
