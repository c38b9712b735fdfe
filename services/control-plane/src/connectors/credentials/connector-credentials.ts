import { isPublic } from '@toolplane/compiler/credential-fields';
import {
  AppError,
  type Command,
  type CredentialField,
  type CredentialRef,
  credentialRefSchema,
  credentialScopes,
  notValid,
} from '@toolplane/contracts';
import { credentialAudience } from '@toolplane/sealing';
import type { ListPage, PageRequest } from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { AuthenticationSummary } from '../../catalogue/connector-summary.ts';
import type { Commands } from '../../platform/commands/commands.ts';
import type { Database } from '../../platform/database/database.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { checkSealed } from '../../platform/sealed.ts';
import { listUncoveredHosts } from '../../servers/secrets/uncovered-hosts.ts';
import { getInstance, getRunningVersion, homeOf, type Instance } from '../instances/connector-instances.ts';
import { type CredentialRequest, idOfActor, refuseWriting, toCredentialRef } from './credential-subject.ts';
import { refuseUnknownAgent } from './refuse-unknown-agent.ts';
import * as store from './store.ts';
import type { CredentialWriter, Writing } from './write-credential.ts';

/**
 * Passes sealed values to the data plane, and stores names, hosts, versions and times. This process never has a value
 * in plaintext.
 */
export type ConnectorCredentials = {
  put(
    principal: Principal,
    instanceId: string,
    request: CredentialRequest & { authType: string; sealed: string },
  ): Promise<store.ListedCredential & { warnings: string[] }>;
  /** Stores credentials with a connect link, whose holder may write them. */
  putWithLink(instance: Instance, ref: CredentialRef, sealed: string, writing: Writing): Promise<void>;
  list(principal: Principal, instanceId: string, page: PageRequest): Promise<ListPage<store.ListedCredential>>;
  remove(principal: Principal, instanceId: string, request: CredentialRequest): Promise<void>;
  /**
   * Deletes the credentials that a deleted instance left in the secret store; each call processes the next instance.
   */
  sweep(): Promise<void>;
};

const removalRefsSchema = z.array(z.object({ scope: z.enum(credentialScopes), subject: z.string().optional() }));

export function createConnectorCredentials(options: {
  database: Database;
  commands: Commands;
  writer: CredentialWriter;
}): ConnectorCredentials {
  const { database, commands, writer } = options;
  let sweptId = '';

  function write(
    instance: Instance,
    ref: CredentialRef,
    authentication: AuthenticationSummary,
    sealed: string,
    writing: Writing,
  ) {
    const { id, type, fields } = authentication;
    const command: Command = {
      command: 'store_credential',
      ref,
      authenticationId: id,
      fields: fields.map(toField),
      sealed,
      ...(type === 'oauth2_authorization_code' && { needsSignIn: true }),
    };
    return writer.write(instance, ref, id, command, writing);
  }

  return {
    async putWithLink(instance, ref, sealed, writing) {
      checkSealed(sealed, credentialAudience(ref));
      await write(instance, ref, await getAuthentication(database, instance, instance.authType), sealed, writing);
    },

    async put(principal, instanceId, { authType, sealed, ...request }) {
      const instance = await database.within(principal, (tx) => getInstance(tx, instanceId));
      const ref = toCredentialRef(principal, instance, request);
      refuseWriting(principal, instance, request.scope);
      checkSealed(sealed, credentialAudience(ref));
      const authentication = await getAuthentication(database, instance, authType);
      await refuseUnknownAgent(database, instance, request);
      const saved = await write(instance, ref, authentication, sealed, { replacesFor: idOfActor(principal) });
      const uncovered = listUncoveredHosts(instance.origins, saved.hosts);
      return {
        ...saved,
        warnings: uncovered.map((host) => `The credentials may not be sent to ${host}, which tools call`),
      };
    },

    async remove(principal, instanceId, request) {
      const instance = await database.within(principal, (tx) => getInstance(tx, instanceId));
      const ref = toCredentialRef(principal, instance, request, 'query');
      refuseWriting(principal, instance, request.scope);
      await writer.remove(instance, ref);
    },

    list: (principal, instanceId, page) =>
      database.within(principal, async (tx) => {
        const instance = await getInstance(tx, instanceId);
        return store.listCredentials(tx, instance, { workspaceId: principal.workspaceId, ...page });
      }),

    async sweep() {
      await database.asPlatform(store.deleteExpiredAuthorizations);
      const removal = await database.asPlatform((tx) => store.findRemoval(tx, sweptId));
      if (removal === undefined) return;
      const { instanceId, ownerId, pool } = removal;
      // The id is remembered even if the deletion fails, so that the other instances are processed first.
      sweptId = instanceId;
      for (const owned of removalRefsSchema.parse(JSON.parse(removal.refs))) {
        const ref = credentialRefSchema.parse({ ownerId, instanceId, ...owned });
        await commands.send({ tenant: ownerId, pool }, { command: 'delete_credential', ref });
      }
      await database.asPlatform((tx) => store.deleteRemoval(tx, instanceId));
    },
  };
}

/**
 * Returns the authentication as declared in the version that the instance runs. Credentials of another type are
 * refused, because they would replace those in use.
 */
export async function getAuthentication(
  database: Database,
  instance: Instance,
  authType: string,
): Promise<AuthenticationSummary> {
  const { summary } = await database.within(homeOf(instance), (tx) => getRunningVersion(tx, instance));
  const found = summary.authentication.find(({ id, type }) => id === authType && type !== 'none');
  if (found !== undefined) {
    if (found.id === instance.authType) return found;
    throw new AppError('conflict', `The auth_type of the instance is ${instance.authType}, not ${found.id}`);
  }
  throw notValid([
    { path: 'body.auth_type', message: 'must be an authentication of the connector that has credentials' },
  ]);
}

function toField(declared: AuthenticationSummary['fields'][number]): CredentialField {
  const { key, required, field_type: type, options, default_value: value } = declared;
  return {
    key,
    isSecret: !isPublic(declared),
    isRequired: required,
    type,
    ...(options && { options }),
    ...(value !== undefined && { default: String(value) }),
  };
}
