import type { DeploymentWithSource, KeptReference } from '@toolplane/api-client';
import type { SourceReference } from './deployment.ts';

/** What is sent to be checked or deployed. */
export type Source = { definition: string; references: readonly SourceReference[] };

/** The initial text: what is deployed, or an example if nothing is. */
export type Start = Source & {
  deploymentId: string | null;
  /** Documents that are not sent, because deploying fetches them again. */
  fetched: readonly KeptReference[];
};

/** The text that somebody wrote. */
export type DocumentDraft = Source & {
  /** The deployments that the writer has seen as the active one. Any other deployment is news to them. */
  known: readonly (string | null)[];
};

export function toStart({ id, definition, references }: DeploymentWithSource): Start {
  const fetched = references.filter(({ fetchedAt }) => fetchedAt !== undefined);
  const given = references.filter(({ fetchedAt }) => fetchedAt === undefined);
  return { deploymentId: id, definition, references: given.map(toReference), fetched };
}

/** Returns a reference in the form of a request, without the fields that the API adds. */
function toReference({ name, content, location }: SourceReference): SourceReference {
  return { name, content, location };
}

export function isSame(one: Source, other: Source): boolean {
  return one.definition === other.definition && serialize(one.references) === serialize(other.references);
}

function serialize(references: readonly SourceReference[]): string {
  return JSON.stringify(references.map(({ name, content, location }) => [name, content, location]));
}

/** A file that is added again replaces the earlier one and keeps its name. */
export function addReference(
  references: readonly SourceReference[],
  added: SourceReference,
): readonly SourceReference[] {
  if (!references.some(({ location }) => location === added.location)) return [...references, added];
  const { location, content } = added;
  return references.map((reference) => (reference.location === location ? { ...reference, content } : reference));
}

/** `petstore.yaml` is most likely the document of the source `petstore`. */
export function guessName(fileName: string): string {
  return fileName.replace(/\.(?:ya?ml|json)$/i, '').replace(/\.(?:openapi|arazzo)$/i, '');
}

/** Only Arazzo documents have source documents. This is a quick check; the compiler parses the text properly. */
export function isArazzo(definition: string): boolean {
  return /^(?:\s*\{\s*)?["']?arazzo["']?\s*:/m.test(definition);
}
