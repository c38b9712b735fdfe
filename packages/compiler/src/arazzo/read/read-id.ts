import type { Part } from '../../document/part.ts';
import { requiredText } from './text-member.ts';

const LENGTH_MAX = 256;

/** Returns an empty text if there is no usable id, which is reported. */
export function readId(owner: Part, key: 'workflowId' | 'stepId'): string {
  const part = requiredText(owner, key);
  const id = part?.text() ?? '';
  if (part === undefined) return id;
  if (id === '' || id.length > LENGTH_MAX) {
    part.error('invalid_id', `A ${key} has 1 to ${LENGTH_MAX} characters`, 'Rename it.');
    return '';
  }
  if (!/^[A-Za-z0-9_-]+$/.test(id)) {
    const hint = 'An expression can only name ids of letters, digits, "_" and "-".';
    part.warn('id_style', `No expression can name this ${key}`, hint);
  }
  return id;
}
