import type { Json } from '@toolplane/contracts';
import type { Authentication, ChainRequest, CredentialChain } from './authentication-schema.ts';
import type { Connector } from './connector-schema.ts';
import { basicKeys, credentialFields, isOauth } from './credential-fields.ts';
import { type CredentialTemplates, chainsOf, keysIn } from './credential-templates.ts';
import type { ConnectorField } from './field-schema.ts';

/** What the requests of an operation need from its authentication. */
export type NeededCredentials = {
  fields: ConnectorField[];
  chains: CredentialChain[];
  basic: { username: string; password: string } | undefined;
  hasToken: boolean;
  /** The key whose value a caller's own credentials can replace unchanged. */
  ownToken: string | undefined;
};

const CLIENT = ['client_id', 'client_secret'];

export function neededCredentials(
  connector: Connector,
  authentication: Authentication,
  { headers, query }: CredentialTemplates,
): NeededCredentials {
  const inRequests = new Set(keysIn([...headers, ...query].map(([, text]) => text)));
  const chains = chainsOf(connector, authentication).filter(({ steps }) => {
    return steps.some(({ extract }) => Object.keys(extract).some((name) => inRequests.has(`chain.${name}`)));
  });
  const used = new Set([...inRequests, ...chains.flatMap(keysOfChain)]);
  const basic = used.has('basic') ? basicKeys(authentication) : undefined;
  const hasToken = isOauth(authentication) && used.has('access_token');
  const implied = [...(basic === undefined ? [] : Object.values(basic)), ...(hasToken ? CLIENT : [])];
  const fields = credentialFields(authentication).filter(({ key }) => used.has(key) || implied.includes(key));
  const ownToken = mayPassOn(authentication) ? findOwnToken(inRequests, fields) : undefined;
  return { fields, chains, basic, hasToken, ownToken };
}

/** An exchanged token of a caller is sent to the token endpoint and never to the API. */
function mayPassOn(authentication: Authentication): boolean {
  if (authentication.type === 'oauth2_token_exchange') return false;
  return !('caller_token' in authentication && authentication.caller_token === 'refuse');
}

/** A caller has one credential: it can be used if the requests need exactly one, and no other field without a value. */
function findOwnToken(used: ReadonlySet<string>, fields: ConnectorField[]): string | undefined {
  const open = [...used].filter((key) => {
    const field = fields.find((each) => each.key === key);
    return field === undefined || field.secret || (field.required && field.default_value === undefined);
  });
  const [only, ...others] = open;
  const isSecret = fields.find(({ key }) => key === only)?.secret ?? true;
  return others.length === 0 && isSecret ? only : undefined;
}

function keysOfChain({ steps }: CredentialChain): string[] {
  return keysIn(steps.flatMap(({ request }) => textsOf(request)));
}

function textsOf({ url, headers = {}, query = {}, body }: ChainRequest): string[] {
  return [url, ...Object.values(headers), ...Object.values(query), ...textsIn(body ?? null)];
}

function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
