import { createHash } from 'node:crypto';
import type { Workflow } from './model.ts';

const LENGTH_MAX = 64;
const DIGEST_LENGTH = 8;

/**
 * Returns the name of the tool for a workflow. The name depends on nothing else, so it stays the same when other
 * workflows are added or removed. Two workflows with the same name are an error.
 */
export function toToolName({ id, toolName }: Pick<Workflow, 'id' | 'toolName'>): string {
  if (toolName !== undefined) return toolName;
  const plain = id.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  const name = plain.replaceAll(/[^A-Za-z0-9_-]+/g, '_');
  // The digest distinguishes workflows whose ids are cut off or have no allowed letters.
  if (!/[A-Za-z0-9]/.test(name)) return `workflow_${digestOf(id)}`;
  return name.length > LENGTH_MAX ? `${name.slice(0, LENGTH_MAX - DIGEST_LENGTH - 1)}_${digestOf(id)}` : name;
}

function digestOf(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, DIGEST_LENGTH);
}
