/*
 * The credentials of a connector's instance, as stored in the secret store: one secret for each scope and subject,
 * whose text is a JSON record. No error quotes anything of it, because all of it may be secret.
 */
import { AppError } from '@toolplane/contracts';
import { SecretValue } from '@toolplane/service-kit';
import { z } from 'zod';
import type { Secret } from './secret-store.ts';

export type Credential = {
  /** The id of the authentication in the descriptor for which the credentials were stored. */
  authentication: string;
  /** The fields by key, including fields that are not secret: the plan says which ones are. */
  fields: ReadonlyMap<string, SecretValue>;
  /** The tokens that were issued when a person signed in. */
  grant?: TokenGrant;
};

export type TokenGrant = GrantedTokens & {
  /** The client to which the tokens were issued, and the workspace of the sign-in: no other client can renew them. */
  client: { id: string; workspaceId: string };
};

export type GrantedTokens = {
  accessToken: SecretValue;
  refreshToken?: SecretValue;
  /** The expiry in Unix milliseconds; absent if the endpoint did not say. */
  expiresAt?: number;
};

const recordSchema = z.object({
  authentication: z.string(),
  fields: z.record(z.string(), z.string()),
  grant: z
    .object({
      accessToken: z.string(),
      refreshToken: z.string().exactOptional(),
      expiresAt: z.number().exactOptional(),
      client: z.object({ id: z.string(), workspaceId: z.string() }),
    })
    .exactOptional(),
});

/**
 * Each stored value is parsed only once, so that all calls share its parts: everything cached by the identity of a
 * `SecretValue` (the forms in which it is masked) is then also computed once.
 */
export function parseCredential({ value }: Pick<Secret, 'value'>): Credential {
  const known = parsed.get(value);
  if (known !== undefined) return known;
  const credential = toCredential(readRecord(value.reveal()));
  parsed.set(value, credential);
  return credential;
}

const parsed = new WeakMap<SecretValue, Credential>();

/** Returns the text of the secret. */
export function serializeCredential({ authentication, fields, grant }: Credential): SecretValue {
  const texts = Object.fromEntries(Array.from(fields, ([key, value]) => [key, value.reveal()]));
  return new SecretValue(
    JSON.stringify({
      authentication,
      fields: texts,
      ...(grant === undefined
        ? {}
        : { grant: { ...grant, accessToken: grant.accessToken.reveal(), refreshToken: grant.refreshToken?.reveal() } }),
    }),
  );
}

/** The cause is dropped, because a parser's message would quote the secret. */
function readRecord(text: string): z.infer<typeof recordSchema> {
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    throw new AppError('secret_unavailable', 'The secret store holds credentials that cannot be read');
  }
}

function toCredential({ authentication, fields, grant }: z.infer<typeof recordSchema>): Credential {
  const values = new Map(Object.entries(fields).map(([key, value]) => [key, new SecretValue(value)]));
  if (grant === undefined) return { authentication, fields: values };
  const { accessToken, refreshToken, ...rest } = grant;
  return {
    authentication,
    fields: values,
    grant: {
      ...rest,
      accessToken: new SecretValue(accessToken),
      ...(refreshToken === undefined ? {} : { refreshToken: new SecretValue(refreshToken) }),
    },
  };
}
