import { createServer } from 'node:http';
import {
  type Caller,
  createApprovalWishReader,
  createCaller,
  createCallLogReader,
  createDecisionReader,
  createLocks,
  createPublisher,
  createSecretUseReader,
  createSeenCallerReader,
  createSeenUserReader,
  type Locks,
  type Publisher,
  type SeenCaller,
} from '@toolplane/bus';
import { AppError } from '@toolplane/contracts';
import { createSigner, parseCallKeys, type Signer, toPepperKeys } from '@toolplane/sealing';
import {
  type ClientAddress,
  closeServer,
  createClientAddress,
  type Logger,
  listen,
  type SecretValue,
  startHealthServer,
  startTelemetry,
} from '@toolplane/service-kit';
import { createAgents } from './agents/agents.ts';
import { createApiKeys } from './api-keys/api-keys.ts';
import { createControlPlaneApi, type Domains } from './app.ts';
import { createApprovals } from './approvals/approvals.ts';
import { createAudit } from './audit/audit.ts';
import { createDecisionRecorder } from './audit/record-decisions.ts';
import { createAgentClients } from './authorization-server/agent-clients.ts';
import { createAuthorizationServer } from './authorization-server/authorization-server.ts';
import { createGrants } from './authorization-server/grants.ts';
import { parseSigningKeys } from './authorization-server/signing-keys.ts';
import { createCallLog } from './call-log/call-log.ts';
import { createCatalogue } from './catalogue/catalogue.ts';
import { createCatalogueFilling } from './catalogue/fill-catalogue.ts';
import { ANSWER_MS_MAX, type AnswerTimes, createCommands } from './commands.ts';
import { type ControlPlaneConfig, readControlPlaneConfig } from './config.ts';
import { createConnectLinks } from './connect-links/connect-links.ts';
import { createUsedLinks } from './connect-links/used-links.ts';
import { createAgentCredentials } from './connector-credentials/agent-credentials.ts';
import { createAuthorizations } from './connector-credentials/authorizations.ts';
import { createConnectorCredentials } from './connector-credentials/connector-credentials.ts';
import { createUserConnections } from './connector-credentials/user-connections.ts';
import { createCredentialWriter } from './connector-credentials/write-credential.ts';
import { createConnectorInstances } from './connector-instances/connector-instances.ts';
import { createVersionFollowing, type VersionFollowing } from './connector-instances/follow-versions.ts';
import { createTestConnection } from './connector-instances/test-connection.ts';
import { createConnectors } from './connectors/connectors.ts';
import { createDatabase, type Database } from './database/database.ts';
import { readMigrations } from './database/migrate.ts';
import { createConnectorDeployments } from './deployments/connector-deployments.ts';
import { createDeployments } from './deployments/deployments.ts';
import { type Compiler, createCompiler } from './documents/compiling/compiler.ts';
import { createDocuments } from './documents/documents.ts';
import { createDocumentFetcher } from './documents/fetch-document.ts';
import { createEgressRules } from './egress-rules/egress-rules.ts';
import { createExternalServers } from './external-servers/external-servers.ts';
import { createExternalSignIns } from './external-servers/sign-ins.ts';
import { createExternalUsers } from './external-users/external-users.ts';
import { createInvitations, withdrawInvitations } from './invitations/invitations.ts';
import { createMembers } from './members/members.ts';
import { ensureBootstrapKey } from './organizations/bootstrap.ts';
import { createOrganizations } from './organizations/organizations.ts';
import { createIssuerLook } from './own-issuers/look-at-issuer.ts';
import { createCallingOfPeople } from './people/calling.ts';
import { createPolicies } from './policies/policies.ts';
import { createPublishing, type Publishing } from './publishing/publishing.ts';
import { repeat } from './repeat.ts';
import { createSecondFactors } from './second-factors/second-factors.ts';
import { createSealingKeys } from './secrets/sealing-keys.ts';
import { createSecrets } from './secrets/secrets.ts';
import { createCursors } from './servers/cursor.ts';
import { createServerLifecycle } from './servers/lifecycle.ts';
import { createServers } from './servers/servers.ts';
import { createSessions } from './sign-in/sessions.ts';
import { createSignIn } from './sign-in/sign-in.ts';
import { createSignInNotes } from './sign-in/sign-in-notes.ts';
import { createThrottle } from './sign-in/throttle.ts';
import { createSsoConnections } from './single-sign-on/connections.ts';
import { refusePassword } from './single-sign-on/enforcement.ts';
import { createSingleSignOn } from './single-sign-on/single-sign-on.ts';
import { createWorkspaces } from './workspaces/workspaces.ts';

/** An emptied Redis is full again after this long, plus the time that filling takes. */
const CATCH_UP_MS = 1000;
/** What was deleted is gone from the secret store soon after. */
const SWEEP_MS = 2000;
const SESSION_SWEEP_MS = 60_000;
const SECRET_USES_MS = 2000;
/** Those that are due wait for at most this long. */
const EXTERNAL_CHECK_MS = 1000;
const SEEN_CALLERS_MS = 1000;
const SEEN_USERS_MS = 1000;
const APPROVAL_WISHES_MS = 500;
const APPROVAL_SWEEP_MS = 60_000;
const DECISIONS_MS = 1000;
const SEALING_KEY_REFRESH_MS = 60_000;
const CALL_LOG_MS = 1000;
const AUDIT_SWEEP_MS = 3600_000;
const CALL_LOG_SWEEP_MS = 3600_000;

/** Wires the control plane. It starts without PostgreSQL and Redis and works as soon as they are there. */
export async function startControlPlane(resources: AsyncDisposableStack, logger: Logger): Promise<void> {
  const config = readControlPlaneConfig();
  resources.use(startTelemetry('control-plane', config.OTEL_EXPORTER_OTLP_ENDPOINT));
  const redisUrl = config.REDIS_URL.reveal();
  const database = resources.adopt(createDatabase({ url: config.DATABASE_URL.reveal() }), (it) => it.close());
  const signer = await createSigner(config.MANIFEST_SIGNING_KEY.reveal());
  const publisher = resources.adopt(await createPublisher({ redisUrl, signer }), (it) => it.close());
  const commandKeys = parseCallKeys(config.COMMAND_KEYS.reveal());
  const caller = resources.adopt(await createCaller({ redisUrl, queue: 'commands', keys: commandKeys }), (it) =>
    it.close({ drainMs: 5000 }),
  );
  const locks = resources.adopt(await createLocks({ redisUrl }), (it) => it.close());
  const uses = resources.adopt(await createSecretUseReader({ redisUrl, keys: commandKeys }), (it) => it.close());
  const noteOptions = { redisUrl, keys: toPepperKeys(config.API_KEY_PEPPER.reveal()) };
  const seenCallers = resources.adopt(await createSeenCallerReader(noteOptions), (it) => it.close());
  const seenUsers = resources.adopt(await createSeenUserReader(noteOptions), (it) => it.close());
  const decisions = resources.adopt(await createDecisionReader(noteOptions), (it) => it.close());
  const wishes = resources.adopt(await createApprovalWishReader(noteOptions), (it) => it.close());
  const endedCalls = resources.adopt(await createCallLogReader(noteOptions), (it) => it.close());
  const compiler = resources.use(createCompiler());
  const publicUrl = config.CONTROL_PLANE_PUBLIC_URL ?? `http://127.0.0.1:${config.PORT}`;
  const addressOf = createClientAddress(config.TRUSTED_PROXIES);
  const { domains, publishing, following } = createDomains({
    ...{ database, publisher, caller, locks, compiler, signer, logger },
    pepper: config.API_KEY_PEPPER,
    oauthSigningKeys: config.OAUTH_SIGNING_KEYS,
    ...{ publicUrl, addressOf },
    edgePublicUrl: config.EDGE_PUBLIC_URL,
    answerMsMax: ANSWER_MS_MAX,
    externalRefreshMs: config.EXTERNAL_REFRESH_SECONDS * 1000,
    auditRetentionDays: config.AUDIT_RETENTION_DAYS,
    callLogRetentionDays: config.CALL_LOG_RETENTION_DAYS,
  });

  const prepare = await createPreparation({ database, domains, config, logger });
  await prepare.once();
  resources.use(
    repeat(
      async () => {
        await prepare.ifNeeded();
        await publishing.catchUp();
      },
      { name: 'publishing', everyMs: CATCH_UP_MS, logger },
    ),
  );
  const fillCatalogue = createCatalogueFilling({ database });
  resources.use(
    repeat(
      async () => {
        await following.catchUp();
        await fillCatalogue();
      },
      { name: 'connector versions', everyMs: CATCH_UP_MS, logger },
    ),
  );
  resources.use(repeat(() => domains.secrets.sweep(), { name: 'secret sweep', everyMs: SWEEP_MS, logger }));
  resources.use(
    repeat(() => uses.collect(domains.secrets.noteUses), { name: 'secret uses', everyMs: SECRET_USES_MS, logger }),
  );
  resources.use(
    repeat(() => domains.externalServers.refreshDue(), {
      name: 'external servers',
      everyMs: EXTERNAL_CHECK_MS,
      logger,
    }),
  );
  const noteSeen = async (seen: SeenCaller[]) => {
    await domains.apiKeys.noteSeen(seen);
    await domains.agents.noteSeen(seen);
  };
  resources.use(
    repeat(() => seenCallers.collect(noteSeen), { name: 'seen callers', everyMs: SEEN_CALLERS_MS, logger }),
  );
  resources.use(
    repeat(() => seenUsers.collect(domains.externalUsers.noteSeen), {
      ...{ name: 'seen users', everyMs: SEEN_USERS_MS, logger },
    }),
  );
  resources.use(
    repeat(() => wishes.collect(domains.approvals.noteWishes), {
      ...{ name: 'approval wishes', everyMs: APPROVAL_WISHES_MS, logger },
    }),
  );
  resources.use(repeat(() => domains.approvals.sweep(), { name: 'approvals', everyMs: APPROVAL_SWEEP_MS, logger }));
  resources.use(
    repeat(
      async () => {
        await domains.credentials.sweep();
        await domains.connectLinks.sweep();
        await domains.externalSignIns.sweep();
      },
      { name: 'credential sweep', everyMs: SWEEP_MS, logger },
    ),
  );
  const recordDecisions = createDecisionRecorder({ database, audit: domains.audit });
  resources.use(repeat(() => decisions.collect(recordDecisions), { name: 'decisions', everyMs: DECISIONS_MS, logger }));
  const takeCallsOver = async () => {
    const lost = await endedCalls.collect(domains.callLog.takeOver);
    if (lost > 0) logger.warn({ lost }, 'there was no room for calls on their way to the call log');
  };
  resources.use(repeat(takeCallsOver, { name: 'call log', everyMs: CALL_LOG_MS, logger }));
  resources.use(repeat(() => domains.callLog.sweep(), { name: 'call log sweep', everyMs: CALL_LOG_SWEEP_MS, logger }));
  resources.use(repeat(() => domains.audit.sweep(), { name: 'audit sweep', everyMs: AUDIT_SWEEP_MS, logger }));
  resources.use(
    repeat(
      async () => {
        await domains.sessions.sweep();
        await domains.authorizationServer?.sweep();
        await domains.singleSignOn.sweep();
        await domains.throttle.sweep();
      },
      { name: 'session sweep', everyMs: SESSION_SWEEP_MS, logger },
    ),
  );
  resources.use(
    repeat(async () => void (await domains.sealingKeys.refresh()), {
      ...{ name: 'sealing key', everyMs: SEALING_KEY_REFRESH_MS, logger },
    }),
  );

  const requestsPerMinute = config.CONNECT_REQUESTS_PER_MINUTE;
  const pages = { edgePublicUrl: config.EDGE_PUBLIC_URL, publicUrl, requestsPerMinute, addressOf };
  const server = createServer(createControlPlaneApi(domains, pages, logger).app);
  await listen(server, config.PORT, config.HOST);
  resources.defer(() => closeServer(server));
  const health = await startHealthServer({
    host: config.HOST,
    port: config.HEALTH_PORT,
    checks: { database: () => (prepare.isDone() ? undefined : 'not prepared yet') },
  });
  resources.defer(() => closeServer(health));
}

/** The domains over what holds their state. */
export function createDomains(options: {
  database: Database;
  publisher: Publisher;
  caller: Caller;
  locks: Pick<Locks, 'acquire'>;
  compiler: Compiler;
  pepper: SecretValue;
  signer: Signer;
  /** 0: for ever. */
  auditRetentionDays: number;
  /** Of the tokens of the authorization server. Undefined: there is none. */
  oauthSigningKeys?: SecretValue | undefined;
  /** 0: for ever. */
  callLogRetentionDays: number;
  /** Of the REST API. */
  publicUrl: string;
  addressOf: ClientAddress;
  edgePublicUrl: string;
  /** Of the data plane. */
  answerMsMax: AnswerTimes;
  /** How often external servers that answer are looked at. */
  externalRefreshMs: number;
  logger: Logger;
}): { domains: Domains; publishing: Publishing; following: VersionFollowing } {
  const { database, publisher, caller, locks, compiler, pepper, signer, logger } = options;
  const { publicUrl, edgePublicUrl, answerMsMax, addressOf } = options;
  const oauth = options.oauthSigningKeys && {
    issuer: `${publicUrl}/oauth`,
    signingKeys: parseSigningKeys(options.oauthSigningKeys.reveal()),
  };
  const issuer = oauth && { issuer: oauth.issuer, jwks: { keys: oauth.signingKeys.publicKeys } };
  const publishing = createPublishing({ database, publisher, issuer, logger });
  const commands = createCommands(caller, answerMsMax);
  const apiKeys = createApiKeys({ database, publishing, pepper });
  const fetchDocument = createDocumentFetcher({ commands });
  const documents = createDocuments({ compiler, fetchDocument });
  const deployments = createDeployments({ database, publishing, documents });
  const connectorDeployments = createConnectorDeployments({ database, publishing, documents });
  const following = createVersionFollowing({ database, deployments: connectorDeployments });
  const writer = createCredentialWriter({ database, commands, publishing, locks });
  const secrets = createSecrets({ database, commands, deployments });
  const externalServers = createExternalServers({
    ...{ database, publishing, commands, secrets, logger, refreshMs: options.externalRefreshMs },
  });
  const { refresh } = externalServers;
  const externalSignIns = createExternalSignIns({ database, commands, publishing, refresh, publicUrl });
  const cursors = createCursors(pepper.reveal());
  const usedLinks = createUsedLinks({ database, publisher });
  const credentials = createConnectorCredentials({ database, commands, writer });
  const authorizations = createAuthorizations({ database, commands, writer, usedLinks, publicUrl });
  const sealingKeys = createSealingKeys({ database, commands });
  const audit = createAudit({ database, signer, retentionDays: options.auditRetentionDays });
  const notes = createSignInNotes({ database, audit, logger });
  const sessions = createSessions({ database, publicUrl, addressOf });
  const throttle = createThrottle({ database });
  const secondFactors = createSecondFactors({
    ...{ database, sessions, throttle, notes, publicUrl },
    pepper: pepper.reveal(),
  });
  const settleCalling = createCallingOfPeople({ database, publishing });
  const grants = createGrants({ database });
  const links = { usedLinks, credentials, authorizations, sealingKeys };
  const agents = createAgents({ database, publishing, credentials: createAgentCredentials({ database, writer }) });
  const domains = {
    ...{
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
    },
    approvals: createApprovals({ database, publishing }),
    audit,
    authorizationServer:
      oauth &&
      createAuthorizationServer({
        ...{ database, audit, commands, ...oauth, edgePublicUrl, addressOf, logger },
        pepper: pepper.reveal(),
      }),
    agentClients: createAgentClients({ database, pepper: pepper.reveal() }),
    callLog: createCallLog({ database, cursors, retentionDays: options.callLogRetentionDays }),
    catalogue: createCatalogue({ database }),
    connectors: createConnectors({ database, compiler, logger, onActiveVersionChange: following.follow }),
    connectorInstances: createConnectorInstances({ database, publishing, deployments: connectorDeployments }),
    testConnection: createTestConnection({ database, commands, deployments: connectorDeployments }),
    ...{ credentials, authorizations, sealingKeys, userConnections: createUserConnections({ database, writer }) },
    connectLinks: createConnectLinks({ database, commands, ...links }),
    egressRules: createEgressRules({ database, publishing }),
    externalUsers: createExternalUsers({ database, publishing }),
    grants,
    invitations: createInvitations({ database, sessions, audit, publicUrl, refusePassword, onJoin: settleCalling }),
    members: createMembers({
      ...{ database, withdrawInvitations },
      async onLeave(left) {
        await settleCalling(left);
        await grants.revokeLost(left.personId);
      },
    }),
    secondFactors,
    signIn: createSignIn({ database, sessions, throttle, notes, secondFactors, refusePassword }),
    singleSignOn: createSingleSignOn({
      ...{ database, commands, sessions, throttle, notes, audit, publicUrl, onJoin: settleCalling },
    }),
    ssoConnections: createSsoConnections({ database, commands }),
    lifecycle: createServerLifecycle({ database, publishing, deployments }),
    organizations: createOrganizations({ database, apiKeys, publishing }),
    policies: createPolicies({ database, publishing }),
    workspaces: createWorkspaces({ database, publishing }),
    servers: createServers({
      ...{ database, publishing, cursors, deployments, externalServers },
      lookAtIssuer: createIssuerLook(fetchDocument),
    }),
  };
  return { domains, publishing, following };
}

/** Migrations and the first key: at the start, or as soon as PostgreSQL is there. */
async function createPreparation(options: {
  database: Database;
  domains: Domains;
  config: ControlPlaneConfig;
  logger: Logger;
}) {
  const { database, domains, config, logger } = options;
  const migrations = await readMigrations(new URL('../prisma/migrations/', import.meta.url));
  let isDone = false;

  async function ifNeeded(): Promise<void> {
    if (isDone) return;
    await database.prepare(migrations);
    if (config.BOOTSTRAP_API_KEY) await ensureBootstrapKey({ ...domains, database, logger }, config.BOOTSTRAP_API_KEY);
    isDone = true;
  }

  /** A migration that cannot be applied or a role that no wall stops ends the start; a PostgreSQL away is waited for. */
  async function once(): Promise<void> {
    try {
      await ifNeeded();
    } catch (error) {
      if (error instanceof AppError && error.code === 'internal') throw error;
      logger.warn({ err: error }, 'waiting for PostgreSQL');
    }
  }

  return { ifNeeded, once, isDone: () => isDone };
}
