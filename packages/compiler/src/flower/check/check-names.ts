import type { Flow, Prompt } from '../model.ts';

/** Of flows or of prompts: what a client calls them by. */
export function checkIds(procedures: (Flow | Prompt)[]): void {
  const seen = new Map<string, string>();
  for (const { id, part, noun } of procedures) {
    const earlier = seen.get(id.toLowerCase());
    if (id !== '' && earlier === id) {
      part.member('id')?.error('duplicate_id', `Duplicate ${noun} "${id}"`, 'Rename one of them.');
    } else if (id !== '' && earlier !== undefined) {
      part.member('id')?.warn('similar_id', `"${id}" and "${earlier}" differ only in case`, 'Rename one of them.');
    }
    seen.set(id.toLowerCase(), id);
  }
}
