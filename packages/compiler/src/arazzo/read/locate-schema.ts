import { pointerSegments } from '@toolplane/contracts';
import { isObject } from '../../document/is-object.ts';
import type { Part } from '../../document/part.ts';

/** `resource` is the schema that pointers in it count from: that of a workflow, or one of the components. */
export type LocatedSchema = { part: Part; resource: Part };

/** What a `$ref` within the document names: counted from its own schema, else from the document, or by its anchor. */
export function locateSchema(reference: string, resource: Part, root: Part): LocatedSchema | undefined {
  const fragment = decodeFragment(reference.slice(1));
  if (fragment !== '' && !fragment.startsWith('/')) return findAnchor(fragment, resource, root);
  const segments = pointerSegments(fragment);
  const inside = descend(resource, segments);
  if (inside !== undefined) return { part: inside, resource };
  const isComponent = segments[0] === 'components' && segments[1] === 'inputs';
  const isWorkflow = segments[0] === 'workflows' && segments[2] === 'inputs';
  const holder = isComponent || isWorkflow ? descend(root, segments.slice(0, 3)) : undefined;
  const part = holder && descend(holder, segments.slice(3));
  return holder && part && { part, resource: holder };
}

function decodeFragment(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

function descend(part: Part, segments: readonly string[]): Part | undefined {
  return segments.reduce((inside: Part | undefined, segment) => {
    const isIndex = /^(?:0|[1-9]\d*)$/.test(segment);
    return inside?.member(segment) ?? (isIndex ? inside?.item(Number(segment)) : undefined);
  }, part);
}

function findAnchor(name: string, resource: Part, root: Part): LocatedSchema | undefined {
  const components = root.member('components')?.member('inputs');
  const isMap = components !== undefined && isObject(components.value);
  for (const holder of [resource, ...(isMap ? components.entries().map(([, schema]) => schema) : [])]) {
    const part = findAnchored(holder, name);
    if (part !== undefined) return { part, resource: holder };
  }
  return undefined;
}

/** Values that only look like schemas hold no anchors. */
const data = ['const', 'default', 'enum', 'example', 'examples'];

function findAnchored(part: Part, name: string): Part | undefined {
  const { value } = part;
  if (typeof value !== 'object' || value === null) return undefined;
  if (part.member('$anchor')?.value === name) return part;
  for (const key of Object.keys(value)) {
    const inside = part.member(key) ?? part.item(Number(key));
    const found = inside && !data.includes(key) ? findAnchored(inside, name) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
