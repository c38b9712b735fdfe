import { isJsonObject } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { Action, Minor, Parameter } from '../model.ts';
import type { SchemaReferences } from './schema-references.ts';

const LISTED_MAX = 20;

/** What a document shares among its own workflows, by name. An unusable component is present without a value. */
export type Components = {
  parameters: ReadonlyMap<string, Parameter | undefined>;
  successActions: ReadonlyMap<string, Action | undefined>;
  failureActions: ReadonlyMap<string, Action | undefined>;
};

/** What the readers of one document share. */
export type Reading = { minor: Minor; components: Components; references: SchemaReferences };

/** A Reusable Object represents one of the components; the specification requires its other members to be ignored. */
export function isReusable({ value }: Part): boolean {
  return isJsonObject(value) && Object.hasOwn(value, 'reference');
}

export function findComponent<T>(
  part: Part,
  kind: keyof Components,
  components: ReadonlyMap<string, T | undefined>,
): T | undefined {
  const reference = part.member('reference');
  const text = reference?.text();
  if (reference === undefined || text === undefined) return undefined;
  const prefix = `$components.${kind}.`;
  const hint = () => `Available: ${[...components.keys()].slice(0, LISTED_MAX).join(', ') || 'none'}.`;
  if (!text.startsWith(prefix)) {
    reference.error('unknown_component', `A reference here begins with "${prefix}"`, hint);
    return undefined;
  }
  const name = text.slice(prefix.length);
  if (!components.has(name)) reference.error('unknown_component', `components.${kind} has no such member`, hint);
  return components.get(name);
}
