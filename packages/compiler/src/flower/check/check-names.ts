import type { DeclaredPrompt, Flow } from '../model.ts';

/** Checks the ids of flows or of prompts, by which a client calls them. */
export function checkIds(procedures: (Flow | DeclaredPrompt)[]): void {
  const seen = new Set<string>();
  const byLowerCase = new Map<string, string>();
  for (const { id, part, noun } of procedures) {
    if (id === '') continue;
    const similar = byLowerCase.get(id.toLowerCase());
    if (seen.has(id)) {
      part.member('id')?.error('duplicate_id', `Duplicate ${noun} "${id}"`, 'Rename one of them.');
    } else if (similar !== undefined) {
      part.member('id')?.warn('similar_id', `"${id}" and "${similar}" differ only in case`, 'Rename one of them.');
    }
    seen.add(id);
    byLowerCase.set(id.toLowerCase(), similar ?? id);
  }
}
