import type { RequestListener } from 'node:http';
import { hashApiKey } from '@toolplane/sealing';
import type { ClientAddress, Logger } from '@toolplane/service-kit';
import Provider, { errors } from 'oidc-provider';
import type { Audit } from '../platform/audit/audit.ts';
import type { Commands } from '../platform/commands/commands.ts';
import type { Database } from '../platform/database/database.ts';
import { logGrantUseLost } from '../platform/events.ts';
import { createClientDocuments, type DocumentRequester } from './client-documents.ts';
import { keepClient } from './client-model.ts';
import { interactionPath } from './consent-page.ts';
import { type Consents, createConsents } from './consents.ts';
import * as grants from './grant-store.ts';
import { createModels } from './models.ts';
import { createPeople } from './people.ts';
import { createProtectedServers } from './protected-servers.ts';
import { createProvider, resourceOf } from './provider.ts';
import { createRegistrations, type Registrations } from './registrations.ts';
import type { SigningKeys } from './signing-keys.ts';
import * as store from './store.ts';

export type AuthorizationServer = {
  /** Handles all paths below the issuer except those of its pages; paths are relative to the issuer. */
  handle: RequestListener;
  consents: Consents;
  registrations: Registrations;
  /** Deletes expired codes, tokens, sign-ins, clients and grants. */
  sweep(): Promise<void>;
};

/** The platform's own authorization server (OAuth 2.1), where clients get tokens for private servers. */
export function createAuthorizationServer(options: {
  database: Database;
  audit: Pick<Audit, 'record'>;
  commands: Commands;
  signingKeys: SigningKeys;
  pepper: string;
  issuer: string;
  edgePublicUrl: string;
  addressOf: ClientAddress;
  logger: Logger;
}): AuthorizationServer {
  const { database, audit, commands, issuer, signingKeys, pepper, edgePublicUrl, addressOf, logger } = options;
  const servers = createProtectedServers({ database, edgePublicUrl });
  const people = createPeople({ database });
  const documents = createClientDocuments({ commands, findAsker });
  const registrations = createRegistrations({ database, addressOf });

  async function findAsker(): Promise<DocumentRequester | undefined> {
    const workspaceId = await findWorkspace();
    const { ctx } = Provider;
    if (workspaceId === undefined || ctx === undefined) return undefined;
    return { workspaceId, address: addressOf(ctx.req) };
  }

  /** The workspace of the server that the client requests, or of a server for which the client has a grant. */
  async function findWorkspace(): Promise<string | undefined> {
    const { ctx } = Provider;
    const resource = resourceOf(ctx);
    if (resource !== undefined) return (await servers.find(resource))?.workspaceId;
    const clientId = ctx?.oidc?.params?.['client_id'];
    if (typeof clientId !== 'string') return undefined;
    return database.asPlatform((tx) => grants.findWorkspaceOf(tx, clientId));
  }

  const provider = createProvider({
    issuer,
    interactionPath,
    signingKeys,
    servers,
    people,
    pepper,
    logger,
    cookieKeys: toCookieKeys(pepper),
    async findAgent(clientId, workspaceId) {
      const client = await database.asPlatform((tx) => store.findAgentClient(tx, clientId));
      return client?.workspaceId === workspaceId ? client.agentId : undefined;
    },
    models: createModels({
      database,
      serverIdOf: servers.serverIdOf,
      hashSecret: (secret) => hashApiKey(pepper, secret),
      currentNetwork: () => (Provider.ctx === undefined ? null : registrations.networkOf(Provider.ctx.req)),
      alreadyUsed: () => new errors.InvalidGrant('it has already been used'),
    }),
    fetch: documents.fetch,
  });
  provider.on('grant.success', ({ oidc }) => {
    const { client, entities } = oidc;
    const note = async () => {
      if (client !== undefined) await keepClient(database, client.clientId);
      const grantId = entities.Grant?.jti;
      if (grantId !== undefined) await database.asPlatform((tx) => grants.noteUse(tx, grantId));
    };
    note().catch((error: unknown) => logGrantUseLost(logger, error));
  });

  return {
    handle: provider.callback(),
    consents: createConsents({ provider, database, servers, people, documents, audit, addressOf }),
    registrations,
    sweep: () => database.asPlatform(store.deleteExpired),
  };
}

/** The keys are derived from the peppers, which only processes of the platform know. They rotate together. */
function toCookieKeys(pepper: string): string[] {
  return pepper.split(',').map((each) => hashApiKey(each, 'oauth cookies'));
}
