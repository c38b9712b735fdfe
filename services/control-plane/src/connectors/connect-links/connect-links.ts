import { AppError, connectLinkSchema, DEFAULT_USERNAME, readLinkToken, type SealingTarget } from '@toolplane/contracts';
import { connectLinkHash } from '@toolplane/sealing';
import type { AuthenticationSummary } from '../../catalogue/connector-summary.ts';
import type { Person } from '../../identity/people/people.ts';
import type { Commands } from '../../platform/commands/commands.ts';
import type { Database } from '../../platform/database/database.ts';
import type { Authorizations } from '../credentials/authorizations.ts';
import { type ConnectorCredentials, getAuthentication } from '../credentials/connector-credentials.ts';
import { readUser } from '../credentials/credential-subject.ts';
import { fillUrl } from '../credentials/fill-url.ts';
import { listCalledHosts } from '../instances/called-hosts.ts';
import { getInstance, getRunningVersion, homeOf, ownerIdOf } from '../instances/connector-instances.ts';
import type { SealingTargets } from '../sealing-targets.ts';
import { checkOpener } from './check-opener.ts';
import type { UsedLinks } from './used-links.ts';

/** The data that a person sees before they connect. */
export type ConnectView = {
  connector: string;
  instanceName: string;
  /**
   * The user that the link connects; undefined if it connects everyone who calls without a name. If `isPerson` is true,
   * the viewer has proved to be that user.
   */
  user: { name: string; isPerson: boolean } | undefined;
  /** The expiry of the link in Unix milliseconds. */
  expiresAt: number;
  way: SignInWay | FieldsWay;
};

export type SignInWay = { kind: 'sign-in'; provider: string; scopes: string[] };

export type FieldsWay = {
  kind: 'fields';
  fields: AuthenticationSummary['fields'];
  /** Hosts to which the values may be sent, in addition to those of the URLs that the person enters. */
  hosts: string[];
  sealingTarget: SealingTarget;
};

/** A link, and the person who is signed in to the platform in the browser that opened it, if anybody is. */
export type OpenedLink = { workspaceId: string; token: string; person: Person | undefined };

/**
 * Connects users through links. Values arrive sealed, and are passed to the data plane. All methods with a link throw
 * like `checkOpener`.
 */
export type ConnectLinks = {
  /** Changes nothing, however often it is called, because programs open links before people do. */
  view(link: OpenedLink): Promise<ConnectView>;
  storeFields(link: OpenedLink, sealed: string): Promise<void>;
  /** Returns the URL of the provider's sign-in page; only this browser can return from it. */
  startSignIn(link: OpenedLink, browser: string): Promise<{ authorizationUrl: string }>;
  sweep(): Promise<void>;
};

export function createConnectLinks(options: {
  database: Database;
  commands: Commands;
  usedLinks: UsedLinks;
  credentials: Pick<ConnectorCredentials, 'putWithLink'>;
  authorizations: Pick<Authorizations, 'startWithLink'>;
  sealingTargets: Pick<SealingTargets, 'ofCredential'>;
}): ConnectLinks {
  const { database, commands, usedLinks, credentials, authorizations, sealingTargets } = options;

  async function open({ workspaceId, token, person }: OpenedLink) {
    const { pool, sealed } = readLinkToken(token);
    const to = { tenant: workspaceId, pool };
    const link = connectLinkSchema.parse(await commands.send(to, { command: 'open_connect_link', token: sealed }));
    const { ref, authenticationId } = link;
    const instance = await database.asPlatform((tx) => getInstance(tx, ref.instanceId));
    const user = readUser(instance, ref.subject ?? DEFAULT_USERNAME);
    const isOf = ownerIdOf(instance) === ref.ownerId && user.tenant.workspaceId === workspaceId;
    // After a change of the instance, the person may have to enter something else.
    if (!isOf || instance.pool !== pool || instance.authType !== authenticationId)
      throw new AppError('not_found', 'The link does not exist or has expired');
    const { username } = user;
    await checkOpener(database, user.tenant, { username, person });
    const linkHash = connectLinkHash(link.id);
    await usedLinks.check(linkHash);
    const replacesFor = link.replaces?.requestedBy;
    return {
      ref,
      username,
      instance,
      replacesFor,
      use: { linkHash, workspaceId, expiresAt: new Date(link.expiresAt) },
    };
  }

  return {
    async view(opened) {
      const { ref, username, instance, use } = await open(opened);
      const { summary } = await database.within(homeOf(instance), (tx) => getRunningVersion(tx, instance));
      const authentication = await getAuthentication(database, instance, instance.authType);
      const { configuration } = summary.metadata;
      const way = toSignIn(authentication, (url) => fillUrl(url, instance.configuration, configuration)) ?? {
        kind: 'fields' as const,
        fields: authentication.fields,
        hosts: listCalledHosts(instance),
        sealingTarget: await sealingTargets.ofCredential(instance, ref),
      };
      return {
        connector: summary.metadata.name,
        instanceName: instance.instanceName,
        way,
        user: toUser(username, opened.person),
        expiresAt: use.expiresAt.getTime(),
      };
    },

    async storeFields(opened, sealed) {
      const { ref, username, instance, replacesFor, use } = await open(opened);
      const link = { workspaceId: opened.workspaceId, username, person: opened.person };
      await usedLinks.use(use, () => credentials.putWithLink(instance, ref, sealed, { replacesFor, link }));
    },

    async startSignIn(opened, browser) {
      const { ref, instance, replacesFor, use } = await open(opened);
      return authorizations.startWithLink(instance, ref, { linkHash: use.linkHash, browser, replacesFor });
    },

    sweep: usedLinks.sweep,
  };
}

function toUser(username: string, person: Person | undefined): ConnectView['user'] {
  if (username === DEFAULT_USERNAME) return undefined;
  if (username !== person?.id) return { name: username, isPerson: false };
  return { name: `${person.name} (${person.email})`, isPerson: true };
}

function toSignIn(
  { type, authorization_url: url, scopes = [] }: AuthenticationSummary,
  fill: (url: string) => string,
): SignInWay | undefined {
  if (type !== 'oauth2_authorization_code' || url === undefined) return undefined;
  return { kind: 'sign-in', provider: new URL(fill(url)).host, scopes };
}
