import type { DebugStreamReader, Locks, PooledCaller, Publisher } from '@toolplane/bus';
import type { Signer } from '@toolplane/sealing';
import type { ClientAddress, Logger, SecretValue } from '@toolplane/service-kit';
import { createAgents } from './access/agents/agents.ts';
import { createApiKeys, findKeyRights } from './access/api-keys/api-keys.ts';
import { createCallingOfPeople } from './access/external-users/calling-people.ts';
import { createExternalUsers } from './access/external-users/external-users.ts';
import { createOrganizations } from './access/organizations/organizations.ts';
import { createCatalogue } from './catalogue/catalogue.ts';
import { createConnectLinks } from './connectors/connect-links/connect-links.ts';
import { createUsedLinks } from './connectors/connect-links/used-links.ts';
import { createConnectors } from './connectors/connectors.ts';
import { createAgentCredentials } from './connectors/credentials/agent-credentials.ts';
import { createAuthorizations } from './connectors/credentials/authorizations.ts';
import { createConnectorCredentials } from './connectors/credentials/connector-credentials.ts';
import { createUserConnections } from './connectors/credentials/user-connections.ts';
import { createCredentialWriter } from './connectors/credentials/write-credential.ts';
import { createConnectorInstances } from './connectors/instances/connector-instances.ts';
import { createVersionFollowing } from './connectors/instances/follow-versions.ts';
import { createTestConnection } from './connectors/instances/test-connection.ts';
import { createSealingTargets } from './connectors/sealing-targets.ts';
import { createInvitations, withdrawInvitations } from './identity/invitations/invitations.ts';
import { createMembers } from './identity/members/members.ts';
import { createSecondFactors } from './identity/second-factors/second-factors.ts';
import { createSessions } from './identity/sign-in/sessions.ts';
import { createSignIn } from './identity/sign-in/sign-in.ts';
import { createSignInNotes } from './identity/sign-in/sign-in-notes.ts';
import { createThrottle } from './identity/sign-in/throttle.ts';
import { createSsoConnections } from './identity/single-sign-on/connections.ts';
import { refuseLockingOut, refusePassword } from './identity/single-sign-on/enforcement.ts';
import { createSingleSignOn } from './identity/single-sign-on/single-sign-on.ts';
import { createWorkspaces } from './identity/workspaces/workspaces.ts';
import { createAgentClients } from './oauth/agent-clients.ts';
import { createAuthorizationServer } from './oauth/authorization-server.ts';
import { createGrants } from './oauth/grants.ts';
import { parseSigningKeys } from './oauth/signing-keys.ts';
import { createApprovals } from './operations/approvals/approvals.ts';
import { createCallLog } from './operations/call-log/call-log.ts';
import { createDebugSessions } from './operations/debug-sessions/debug-sessions.ts';
import { createReplays } from './operations/replays/replays.ts';
import { createUserDeletion } from './operations/user-deletion/delete-user.ts';
import { createAudit } from './platform/audit/audit.ts';
import { type AnswerTimes, createCommands } from './platform/commands/commands.ts';
import { createPools } from './platform/commands/pools.ts';
import { createCursors } from './platform/cursor.ts';
import type { Database } from './platform/database/database.ts';
import { createQuotas, type QuotaLimits } from './platform/quotas/quotas.ts';
import { createPublishing } from './publishing/publishing.ts';
import { createConnectorDeployments } from './servers/deployments/connector-deployments.ts';
import { createDeployments } from './servers/deployments/deployments.ts';
import type { Compiler } from './servers/documents/compiling/compiler.ts';
import { createDocuments } from './servers/documents/documents.ts';
import { createDocumentFetcher } from './servers/documents/fetch-document.ts';
import { createEgressRules } from './servers/egress-rules/egress-rules.ts';
import { createExternalServers } from './servers/external-servers/external-servers.ts';
import { createExternalSignIns } from './servers/external-servers/sign-ins.ts';
import { createServerLifecycle } from './servers/lifecycle.ts';
import { createIssuerInspection } from './servers/own-issuers/inspect-issuer.ts';
import { createPolicies } from './servers/policies/policies.ts';
import { createSealingKeys } from './servers/secrets/sealing-keys.ts';
import { createSecrets } from './servers/secrets/secrets.ts';
import { createServers } from './servers/servers.ts';

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
  const { changes } = publishing;
  const commands = createCommands(caller, answerMsMax);
  const pools = createPools(options.poolNames ?? []);
  const quotas = createQuotas({ database, limits: options.quotas });
  const apiKeys = createApiKeys({ database, changes, pepper, quotas });
  const fetchDocument = createDocumentFetcher({ commands });
  const documents = createDocuments({ compiler, fetchDocument });
  const deployments = createDeployments({ database, changes, documents });
  const connectorDeployments = createConnectorDeployments({ database, changes, documents });
  const following = createVersionFollowing({ database, deployments: connectorDeployments });
  const audit = createAudit({ database, signer, retentionDays: options.auditRetentionDays });
  const writer = createCredentialWriter({ database, commands, changes, locks, audit, quotas });
  const userConnections = createUserConnections({ database, writer });
  const externalUsers = createExternalUsers({ database, changes, quotas });
  const secrets = createSecrets({ database, commands, deployments });
  const externalServers = createExternalServers({
    database,
    changes,
    commands,
    secrets,
    logger,
    refreshMs: options.externalRefreshMs,
  });
  const { refresh } = externalServers;
  const externalSignIns = createExternalSignIns({ database, commands, changes, refresh, publicUrl });
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
  const settleCalling = createCallingOfPeople({ database, changes });
  const grants = createGrants({ database });
  const links = { usedLinks, credentials, authorizations, sealingTargets };
  const agents = createAgents({ database, changes, credentials: createAgentCredentials({ database, writer }) });
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
    approvals: createApprovals({ database, changes, quotas }),
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
    connectorInstances: createConnectorInstances({ database, changes, deployments: connectorDeployments, quotas }),
    testConnection: createTestConnection({ database, commands, deployments: connectorDeployments }),
    credentials,
    authorizations,
    sealingKeys,
    sealingTargets,
    userConnections,
    connectLinks: createConnectLinks({ database, commands, ...links }),
    debugSessions: createDebugSessions({ database, changes, streams: debugStreams, audit }),
    egressRules: createEgressRules({ database, changes }),
    externalUsers,
    deleteUser: createUserDeletion({ database, changes, externalUsers, userConnections }),
    grants,
    invitations: createInvitations({
      database,
      sessions,
      audit,
      publicUrl,
      refusePassword,
      refuseLockingOut,
      findKeyPermissions: async (tx, keyId) => (await findKeyRights(tx, keyId))?.permissions,
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
    lifecycle: createServerLifecycle({ database, changes, deployments, quotas }),
    organizations: createOrganizations({ database, apiKeys, changes }),
    policies: createPolicies({ database, changes }),
    replays: createReplays({ database, commands, deployments }),
    workspaces: createWorkspaces({ database, changes, quotas }),
    servers: createServers({
      database,
      changes,
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
