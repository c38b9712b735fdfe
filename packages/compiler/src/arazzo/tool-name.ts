import { createHash } from 'node:crypto';
import type { Workflow } from './model.ts';

const LENGTH_MAX = 64;
const DIGEST_LENGTH = 8;

/**
 * The name of the tool that a workflow becomes. It depends on nothing else, so it stays when other workflows come and
 * go; two workflows with one name are an error.
 */
export function toToolName({ id, toolName }: Pick<Workflow, 'id' | 'toolName'>): string {
  if (toolName !== undefined) return toolName;
  const plain = id.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  const name = plain.replaceAll(/[^A-Za-z0-9_-]+/g, '_');
  // What is cut off, or has no allowed letters, still distinguishes workflows.
  if (!/[A-Za-z0-9]/.test(name)) return `workflow_${digestOf(id)}`;
  return name.length > LENGTH_MAX ? `${name.slice(0, LENGTH_MAX - DIGEST_LENGTH - 1)}_${digestOf(id)}` : name;
}

function digestOf(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, DIGEST_LENGTH);
}
