import type { Part } from '../../document/part.ts';

/** What these segments of a pointer lead to, as far as it is written there. */
export function placeInside(part: Part, segments: readonly string[]): Part {
  return segments.reduce((inside, segment) => inside.member(segment) ?? inside.item(Number(segment)) ?? inside, part);
}
