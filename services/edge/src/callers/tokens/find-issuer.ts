import type { Snapshot } from '@toolplane/bus';
import type { Issuer, Manifest, ManifestAuthorization } from '@toolplane/contracts';

/** Whose tokens a server takes. `published`: what it is known from, another object for every other publication. */
export type TokenIssuer = { published: object } & (
  | { kind: 'platform'; issuer: Issuer }
  | { kind: 'own'; authorization: ManifestAuthorization }
);

/** An issuer of its own stands in place of the platform's. Undefined: there is neither. */
export async function findIssuer(
  snapshot: Snapshot,
  { authorization }: Pick<Manifest, 'authorization'>,
): Promise<TokenIssuer | undefined> {
  if (authorization !== undefined) return { kind: 'own', authorization, published: authorization };
  const issuer = snapshot.peekIssuer() ?? (await snapshot.getIssuer());
  return issuer && { kind: 'platform', issuer, published: issuer };
}

/** Exactly as in the `iss` of its tokens, and where clients get them. */
export function issuerUrlOf(issuer: TokenIssuer): string {
  return issuer.kind === 'own' ? issuer.authorization.issuer : issuer.issuer.issuer;
}
