import type { Snapshot } from '@toolplane/bus';
import type { Issuer, Manifest, ManifestAuthorization } from '@toolplane/contracts';

/**
 * The issuer whose tokens a server accepts. `published` is the published object that describes it, which is a new
 * object for every publication.
 */
export type TokenIssuer = { published: object } & (
  | { kind: 'platform'; issuer: Issuer }
  | { kind: 'own'; authorization: ManifestAuthorization }
);

/**
 * Finds the issuer of a server. The server's own issuer replaces the platform's. Returns undefined if neither exists.
 */
export async function findIssuer(
  snapshot: Snapshot,
  { authorization }: Pick<Manifest, 'authorization'>,
): Promise<TokenIssuer | undefined> {
  if (authorization !== undefined) return { kind: 'own', authorization, published: authorization };
  const issuer = snapshot.peekIssuer() ?? (await snapshot.getIssuer());
  return issuer && { kind: 'platform', issuer, published: issuer };
}

/**
 * Returns the URL of an issuer, exactly as in the `iss` claim of its tokens. It is also the address where clients get
 * them.
 */
export function issuerUrlOf(issuer: TokenIssuer): string {
  return issuer.kind === 'own' ? issuer.authorization.issuer : issuer.issuer.issuer;
}
