import type { DebugStreamReader, Locks, PooledCaller, Publisher } from '@toolplane/bus';
import type { Signer } from '@toolplane/sealing';
import type { ClientAddress, Logger, SecretValue } from '@toolplane/service-kit';
import { createAgents } from './agents/agents.ts';
import { createApiKeys } from './api-keys/api-keys.ts';
import { createApprovals } from './approvals/approvals.ts';
import { createAudit } from './audit/audit.ts';
import { createAgentClients } from './authorization-server/agent-clients.ts';
import { createAuthorizationServer } from './authorization-server/authorization-server.ts';
import { createGrants } from './authorization-server/grants.ts';
import { parseSigningKeys } from './authorization-server/signing-keys.ts';
import { createCallLog } from './call-log/call-log.ts';
import { createCatalogue } from './catalogue/catalogue.ts';
import { type AnswerTimes, createCommands } from './commands.ts';
import { createConnectLinks } from './connect-links/connect-links.ts';
import { createUsedLinks } from './connect-links/used-links.ts';
import { createAgentCredentials } from './connector-credentials/agent-credentials.ts';
import { createAuthorizations } from './connector-credentials/authorizations.ts';
import { createConnectorCredentials } from './connector-credentials/connector-credentials.ts';
import { createUserConnections } from './connector-credentials/user-connections.ts';
import { createCredentialWriter } from './connector-credentials/write-credential.ts';
import { createConnectorInstances } from './connector-instances/connector-instances.ts';
import { createVersionFollowing } from './connector-instances/follow-versions.ts';
import { createTestConnection } from './connector-instances/test-connection.ts';
import { createConnectors } from './connectors/connectors.ts';
import type { Database } from './database/database.ts';
import { createDebugSessions } from './debug-sessions/debug-sessions.ts';
import { createConnectorDeployments } from './deployments/connector-deployments.ts';
import { createDeployments } from './deployments/deployments.ts';
import type { Compiler } from './documents/compiling/compiler.ts';
import { createDocuments } from './documents/documents.ts';
import { createDocumentFetcher } from './documents/fetch-document.ts';
import { createEgressRules } from './egress-rules/egress-rules.ts';
import { createExternalServers } from './external-servers/external-servers.ts';
import { createExternalSignIns } from './external-servers/sign-ins.ts';
import { createCallingOfPeople } from './external-users/calling-people.ts';
import { createUserDeletion } from './external-users/delete-user.ts';
import { createExternalUsers } from './external-users/external-users.ts';
import { createInvitations, withdrawInvitations } from './invitations/invitations.ts';
import { createMembers } from './members/members.ts';
import { createOrganizations } from './organizations/organizations.ts';
import { createIssuerInspection } from './own-issuers/inspect-issuer.ts';
import { createPolicies } from './policies/policies.ts';
import { createPools } from './pools.ts';
import { createPublishing } from './publishing/publishing.ts';
import { createQuotas, type QuotaLimits } from './quotas/quotas.ts';
import { createReplays } from './replays/replays.ts';
import { createSecondFactors } from './second-factors/second-factors.ts';
import { createSealingKeys } from './secrets/sealing-keys.ts';
import { createSealingTargets } from './secrets/sealing-targets.ts';
import { createSecrets } from './secrets/secrets.ts';
import { createCursors } from './servers/cursor.ts';
import { createServerLifecycle } from './servers/lifecycle.ts';
import { createServers } from './servers/servers.ts';
import { createSessions } from './sign-in/sessions.ts';
import { createSignIn } from './sign-in/sign-in.ts';
import { createSignInNotes } from './sign-in/sign-in-notes.ts';
import { createThrottle } from './sign-in/throttle.ts';
import { createSsoConnections } from './single-sign-on/connections.ts';
import { refuseLockingOut, refusePassword } from './single-sign-on/enforcement.ts';
import { createSingleSignOn } from './single-sign-on/single-sign-on.ts';
import { createWorkspaces } from './workspaces/workspaces.ts';

export type Domains = ReturnType<typeof createDomains>['domains'];

/** Creates the domains on top of their storage, each after those that it depends on. */
export function createDomains(options: {
  database: Database;
  publisher: Publisher;
  debugStreams: DebugStreamReader;
  caller: Pick<PooledCaller, 'call'>;
  /** Names of the pools other than the default one. */
  poolNames?: readonly string[];
  locks: Pick<Locks, 'acquire'>;
  compiler: Compiler;
  pepper: SecretValue;
  signer: Signer;
  /** 0 means that entries are kept permanently. */
  auditRetentionDays: number;
  /** The keys that sign the tokens of the authorization server. Undefined if the platform has none. */
  oauthSigningKeys?: SecretValue | undefined;
  /** 0 means that entries are kept permanently. */
  callLogRetentionDays: number;
  quotas: QuotaLimits;
  jaegerUrl?: string | undefined;
  /** The base URL of the REST API. */
  publicUrl: string;
  addressOf: ClientAddress;
  edgePublicUrl: string;
  /** How long to wait for answers of the data plane. */
  answerMsMax: AnswerTimes;
  /** The interval at which responding external servers are checked. */
  externalRefreshMs: number;
  logger: Logger;
}) {
  const { database, publisher, debugStreams, caller, locks, compiler, pepper, signer, logger } = options;
  const { publicUrl, edgePublicUrl, answerMsMax, addressOf } = options;
  const oauth = options.oauthSigningKeys && {
    issuer: `${publicUrl}/oauth`,
    signingKeys: parseSigningKeys(options.oauthSigningKeys.reveal()),
  };
  const issuer = oauth && { issuer: oauth.issuer, jwks: { keys: oauth.signingKeys.publicKeys } };
  const publishing = createPublishing({ database, publisher, signer, debugStreams, issuer, logger });
  const commands = createCommands(caller, answerMsMax);
  const pools = createPools(options.poolNames ?? []);
  const quotas = createQuotas({ database, limits: options.quotas });
  const apiKeys = createApiKeys({ database, publishing, pepper, quotas });
  const fetchDocument = createDocumentFetcher({ commands });
  const documents = createDocuments({ compiler, fetchDocument });
  const deployments = createDeployments({ database, publishing, documents });
  const connectorDeployments = createConnectorDeployments({ database, publishing, documents });
  const following = createVersionFollowing({ database, deployments: connectorDeployments });
  const audit = createAudit({ database, signer, retentionDays: options.auditRetentionDays });
  const writer = createCredentialWriter({ database, commands, publishing, locks, audit, quotas });
  const userConnections = createUserConnections({ database, writer });
  const externalUsers = createExternalUsers({ database, publishing, quotas });
  const secrets = createSecrets({ database, commands, deployments });
  const externalServers = createExternalServers({
    database,
    publishing,
    commands,
    secrets,
    logger,
    refreshMs: options.externalRefreshMs,
  });
  const { refresh } = externalServers;
  const externalSignIns = createExternalSignIns({ database, commands, publishing, refresh, publicUrl });
  const cursors = createCursors(pepper.reveal());
  const usedLinks = createUsedLinks({ database, publisher });
  const credentials = createConnectorCredentials({ database, commands, writer });
  const authorizations = createAuthorizations({ database, commands, writer, usedLinks, publicUrl });
  const sealingKeys = createSealingKeys({ database, commands, pools });
  const sealingTargets = createSealingTargets({ database, sealingKeys });
  const notes = createSignInNotes({ database, audit, logger });
  const sessions = createSessions({ database, publicUrl, addressOf });
  const throttle = createThrottle({ database });
  const secondFactors = createSecondFactors({
    database,
    sessions,
    throttle,
    notes,
    publicUrl,
    pepper: pepper.reveal(),
  });
  const settleCalling = createCallingOfPeople({ database, publishing });
  const grants = createGrants({ database });
  const links = { usedLinks, credentials, authorizations, sealingTargets };
  const agents = createAgents({ database, publishing, credentials: createAgentCredentials({ database, writer }) });
  const domains = {
    agents,
    apiKeys,
    compiler,
    database,
    deployments,
    documents,
    externalServers,
    externalSignIns,
    secrets,
    sessions,
    throttle,
    approvals: createApprovals({ database, publishing, quotas }),
    audit,
    // Undefined if the platform has no authorization server.
    authorizationServer:
      oauth &&
      createAuthorizationServer({
        database,
        audit,
        commands,
        ...oauth,
        edgePublicUrl,
        addressOf,
        logger,
        pepper: pepper.reveal(),
      }),
    agentClients: createAgentClients({ database, pepper: pepper.reveal() }),
    callLog: createCallLog({
      database,
      cursors,
      retentionDays: options.callLogRetentionDays,
      jaegerUrl: options.jaegerUrl,
    }),
    catalogue: createCatalogue({ database }),
    connectors: createConnectors({ database, compiler, logger, onActiveVersionChange: following.follow }),
    connectorInstances: createConnectorInstances({ database, publishing, deployments: connectorDeployments, quotas }),
    testConnection: createTestConnection({ database, commands, deployments: connectorDeployments }),
    credentials,
    authorizations,
    sealingKeys,
    sealingTargets,
    userConnections,
    connectLinks: createConnectLinks({ database, commands, ...links }),
    debugSessions: createDebugSessions({ database, publishing, streams: debugStreams, audit }),
    egressRules: createEgressRules({ database, publishing }),
    externalUsers,
    deleteUser: createUserDeletion({ database, publishing, externalUsers, userConnections }),
    grants,
    invitations: createInvitations({
      database,
      sessions,
      audit,
      publicUrl,
      refusePassword,
      refuseLockingOut,
      onJoin: settleCalling,
    }),
    members: createMembers({
      database,
      withdrawInvitations,
      async onLeave(left) {
        await settleCalling(left);
        await grants.revokeLost(left.personId);
      },
    }),
    secondFactors,
    signIn: createSignIn({ database, sessions, throttle, notes, secondFactors, refusePassword }),
    singleSignOn: createSingleSignOn({
      database,
      commands,
      sessions,
      throttle,
      notes,
      audit,
      publicUrl,
      onJoin: settleCalling,
    }),
    ssoConnections: createSsoConnections({ database, commands }),
    lifecycle: createServerLifecycle({ database, publishing, deployments, quotas }),
    organizations: createOrganizations({ database, apiKeys, publishing }),
    policies: createPolicies({ database, publishing }),
    replays: createReplays({ database, commands, deployments }),
    workspaces: createWorkspaces({ database, publishing, quotas }),
    servers: createServers({
      database,
      publishing,
      quotas,
      cursors,
      deployments,
      externalServers,
      inspectIssuer: createIssuerInspection(fetchDocument),
      pools,
    }),
  };
  return { domains, publishing, following };
}
