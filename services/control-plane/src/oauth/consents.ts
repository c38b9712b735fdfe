import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, type ToolScope, toolScopes } from '@toolplane/contracts';
import type { ClientAddress } from '@toolplane/service-kit';
import { type Client, errors, type Interaction, type default as Provider } from 'oidc-provider';
import type { Session } from '../identity/sign-in/sessions.ts';
import type { Audit } from '../platform/audit/audit.ts';
import type { Database } from '../platform/database/database.ts';
import { toDisplayName } from '../platform/display-name.ts';
import type { ClientDocuments } from './client-documents.ts';
import * as grants from './grant-store.ts';
import type { People } from './people.ts';
import type { ConsentTool, ProtectedServer, ProtectedServers } from './protected-servers.ts';
import { type ShownRedirect, showRedirect } from './redirect-uris.ts';

type Person = Session['person'];

/** The data that a person sees before they consent. */
export type ConsentView = {
  person: Person;
  client: { id: string; name: string | undefined; isKnownByHost: boolean };
  /** Where the browser goes afterwards. */
  redirect: ShownRedirect;
  server: ProtectedServer;
  tools: ConsentTool[];
  scopes: ToolScope[];
};

export type ConsentDecision = {
  agrees: boolean;
  /** True if the person allows only read-only tools, even if the client requested more. */
  onlyReads: boolean;
};

/** A browser request that belongs to a client's pending request for access, and the id of that pending request. */
export type InteractionRequest = { req: IncomingMessage; res: ServerResponse; uid: string };

export type Consents = {
  /**
   * `view` and `decide` throw `not_found` if the request has ended or was started in another browser, and `forbidden`
   * if the person is not a member.
   */
  view(step: InteractionRequest, person: Person): Promise<ConsentView>;
  /** Returns the URL to which the browser continues. */
  decide(step: InteractionRequest, person: Person, decision: ConsentDecision): Promise<string>;
};

/** Checks the conditions for giving a client a code: a person is signed in, may use the server, and consents. */
export function createConsents(options: {
  provider: Provider;
  database: Database;
  servers: ProtectedServers;
  people: People;
  documents: ClientDocuments;
  audit: Pick<Audit, 'record'>;
  addressOf: ClientAddress;
}): Consents {
  const { provider, database, servers, people, documents, audit, addressOf } = options;

  async function findInteraction({ req, res, uid }: InteractionRequest): Promise<Interaction> {
    const interaction = await provider.interactionDetails(req, res).catch((error: unknown) => {
      if (error instanceof errors.SessionNotFound) throw over();
      throw error;
    });
    if (interaction.uid !== uid) throw over();
    return interaction;
  }

  async function findServer({ params }: Interaction, personId: string): Promise<ProtectedServer> {
    const server = await servers.find(String(params['resource']));
    if (server === undefined) throw over();
    const role = await people.findRole(personId, server.workspaceId);
    if (role === undefined) throw new AppError('forbidden', 'This account may not use the server');
    return server;
  }

  async function findClient(
    { params }: Interaction,
    { workspaceId }: ProtectedServer,
    req: IncomingMessage,
  ): Promise<Client> {
    const asker = { workspaceId, address: addressOf(req) };
    const client = await documents.within(asker, () => provider.Client.find(String(params['client_id'])));
    if (client === undefined) throw over();
    return client;
  }

  /** Reuses an earlier grant, so that the client's other tokens stay valid. Returns its id. */
  async function grant(
    interaction: Interaction,
    req: IncomingMessage,
    personId: string,
    onlyReads: boolean,
  ): Promise<string> {
    const server = await findServer(interaction, personId);
    const client = await findClient(interaction, server, req);
    const resource = String(interaction.params['resource']);
    const of = { personId, clientId: client.clientId, serverId: server.id };
    const before = await database.asPlatform((tx) => grants.findGrant(tx, of));
    const wanted = readScopes(interaction);
    const refused = wanted.filter((scope) => onlyReads && scope !== 'tools:read');
    const agreed = new Set(
      [...wanted, ...(before?.scopes ?? [])].filter((scope) => !onlyReads || scope === 'tools:read'),
    );
    const made = new provider.Grant({ accountId: personId, clientId: client.clientId });
    if (before !== undefined) made.jti = before.grantId;
    // If the person refuses everything that the client requested, the client may still list the tools.
    made.addResourceScope(resource, [...(agreed.size === 0 ? ['tools:read'] : agreed)]);
    if (refused.length > 0) made.rejectResourceScope(resource, refused);
    // The library requires a separate decision about the scopes that it knows; they grant nothing here.
    made.addOIDCScope(String(interaction.params['scope']));
    const grantId = await made.save();
    await database.asPlatform((tx) => grants.nameGrant(tx, grantId, toDisplayName(client.clientName) ?? null));
    return grantId;
  }

  /** Records the decision before it takes effect: a consent that could not be recorded does not count. */
  async function note(
    interaction: Interaction,
    req: IncomingMessage,
    personId: string,
    decision: ConsentDecision,
  ): Promise<void> {
    const { id, workspaceId, organizationId } = await findServer(interaction, personId);
    const { agrees, onlyReads } = decision;
    const address = addressOf(req);
    await audit.record(organizationId, {
      kind: 'event',
      action: 'oauth.consent',
      workspaceId,
      actor: { kind: 'person', id: personId },
      ...(address === '' ? {} : { address }),
      target: { serverId: id, clientId: String(interaction.params['client_id']) },
      outcome: agrees ? 'done' : 'access_denied',
      ...(agrees ? { details: { scopes: onlyReads ? ['tools:read'] : readScopes(interaction) } } : {}),
    });
  }

  return {
    async view(step, person) {
      const interaction = await findInteraction(step);
      const server = await findServer(interaction, person.id);
      const client = await findClient(interaction, server, step.req);
      return {
        person,
        server,
        tools: await servers.listTools(server),
        scopes: readScopes(interaction),
        client: {
          id: client.clientId,
          name: toDisplayName(client.clientName),
          isKnownByHost: client.clientId.startsWith('https://'),
        },
        redirect: showRedirect(String(interaction.params['redirect_uri'])),
      };
    },

    async decide(step, person, decision) {
      const { req, res } = step;
      const { agrees, onlyReads } = decision;
      const interaction = await findInteraction(step);
      await note(interaction, req, person.id, decision);
      if (!agrees) {
        const refusal = { error: 'access_denied', error_description: 'the person did not agree' };
        return provider.interactionResult(req, res, refusal);
      }
      const grantId = await grant(interaction, req, person.id, onlyReads);
      const login = { accountId: person.id, remember: false };
      return provider.interactionResult(req, res, { login, consent: { grantId } });
    },
  };
}

function over(): AppError {
  return new AppError('not_found', 'There is no pending request for consent');
}

function readScopes({ params }: Interaction): ToolScope[] {
  const asked = String(params['scope']).split(' ');
  return toolScopes.filter((scope) => asked.includes(scope));
}
