import { pointerSegments } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { Anchors, LocatedSchema } from './anchors.ts';

/**
 * Locates the target of a `$ref` within the document: relative to its own schema, otherwise to the document, or by its
 * anchor.
 */
export function locateSchema(
  reference: string,
  resource: Part,
  root: Part,
  anchors: Anchors,
): LocatedSchema | undefined {
  const fragment = decodeFragment(reference.slice(1));
  if (fragment !== '' && !fragment.startsWith('/')) return anchors.find(fragment, resource);
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
