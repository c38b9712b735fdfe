import type { DeploymentWithSource, KeptReference, Reference } from './deployment.ts';

/** What is sent to be checked or deployed. */
export type Source = { definition: string; references: readonly Reference[] };

/** What writing begins with: what is deployed, or an example where nothing is. */
export type Start = Source & {
  deploymentId: string | null;
  /** Not sent along: deploying fetches them anew. */
  fetched: readonly KeptReference[];
};

/** What somebody wrote. */
export type Draft = Source & {
  /** The deployments that its writer has seen as the active one. Another one is news. */
  known: readonly (string | null)[];
};

export function toStart({ id, definition, references }: DeploymentWithSource): Start {
  const fetched = references.filter(({ fetchedAt }) => fetchedAt !== undefined);
  const given = references.filter(({ fetchedAt }) => fetchedAt === undefined);
  return { deploymentId: id, definition, references: given.map(toReference), fetched };
}

/** As it is sent: what the API adds is not taken back. */
function toReference({ name, content, location }: Reference): Reference {
  return { name, content, location };
}

export function isSame(one: Source, other: Source): boolean {
  return one.definition === other.definition && serialize(one.references) === serialize(other.references);
}

function serialize(references: readonly Reference[]): string {
  return JSON.stringify(references.map(({ name, content, location }) => [name, content, location]));
}

/** A file that is added once more is a newer one of it, and keeps the name that it was given. */
export function addReference(references: readonly Reference[], added: Reference): readonly Reference[] {
  if (!references.some(({ location }) => location === added.location)) return [...references, added];
  const { location, content } = added;
  return references.map((reference) => (reference.location === location ? { ...reference, content } : reference));
}

/** `petstore.yaml` is most likely the document of the source `petstore`. */
export function guessName(fileName: string): string {
  return fileName.replace(/\.(?:ya?ml|json)$/i, '').replace(/\.(?:openapi|arazzo)$/i, '');
}

/** Only these have source documents. A first look: the compiler reads it properly. */
export function isArazzo(definition: string): boolean {
  return /^(?:\s*\{\s*)?["']?arazzo["']?\s*:/m.test(definition);
}
