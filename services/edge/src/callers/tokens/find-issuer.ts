import type { Snapshot } from '@toolplane/bus';
import type { Issuer, Manifest, ManifestAuthorization } from '@toolplane/contracts';

/**
 * The issuer whose tokens a server accepts. `published`: the object that it is known from, another one for every
 * publication.
 */
export type TokenIssuer = { published: object } & (
  | { kind: 'platform'; issuer: Issuer }
  | { kind: 'own'; authorization: ManifestAuthorization }
);

/** The server's own issuer replaces that of the platform. Undefined: there is neither. */
export async function findIssuer(
  snapshot: Snapshot,
  { authorization }: Pick<Manifest, 'authorization'>,
): Promise<TokenIssuer | undefined> {
  if (authorization !== undefined) return { kind: 'own', authorization, published: authorization };
  const issuer = snapshot.peekIssuer() ?? (await snapshot.getIssuer());
  return issuer && { kind: 'platform', issuer, published: issuer };
}

/** Exactly as in the `iss` of its tokens, and as the address where clients get them. */
export function issuerUrlOf(issuer: TokenIssuer): string {
  return issuer.kind === 'own' ? issuer.authorization.issuer : issuer.issuer.issuer;
}
