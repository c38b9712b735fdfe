import type { Part } from '../../document/part.ts';

/** The id is the name that clients know. */
export function readId(part: Part | undefined, noun: 'flow' | 'prompt'): string {
  const named = { flow: 'tool', prompt: 'prompt' }[noun];
  part?.textLike(
    /^[A-Za-z0-9_-]{1,64}$/,
    'invalid_id',
    `The id of a ${noun} has 1 to 64 letters, digits, "_" or "-"`,
    `It is the name of the ${named}: rename it.`,
  );
  return typeof part?.value === 'string' ? part.value : '';
}
