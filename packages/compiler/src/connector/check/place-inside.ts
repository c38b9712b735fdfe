import type { Part } from '../../document/part.ts';

/** Follows the segments of a pointer as far as they exist in the document. */
export function placeInside(part: Part, segments: readonly string[]): Part {
  return segments.reduce((inside, segment) => inside.member(segment) ?? inside.item(Number(segment)) ?? inside, part);
}
