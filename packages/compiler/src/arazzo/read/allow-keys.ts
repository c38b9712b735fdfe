import type { Part } from '../../document/part.ts';
import type { Minor } from '../model.ts';

/** Toolplane's own keys and the objects in which they have a meaning. */
const extensions: Readonly<Record<string, string>> = {
  'x-settings': 'the document',
  'x-secrets': 'a source description',
  'x-server': 'a source description',
  'x-server-variables': 'a source description',
  'x-trusted': 'a source description',
  'x-parallel': 'a workflow',
  'x-mcp-name': 'a workflow',
  'x-mcp-expose': 'a workflow',
  'x-annotations': 'a workflow',
  'x-timeout': 'a workflow',
  'x-output': 'a workflow',
  'x-idempotency-key': 'a step',
  'x-idempotent': 'a step',
};

/**
 * Checks the keys of an object of the specification. All such objects may have extensions. `since1` lists the keys that
 * are new in Arazzo 1.1.
 */
export function allowKeys(part: Part, minor: Minor, known: readonly string[], since1: readonly string[] = []): void {
  part.allowKeys([...known, ...since1], extensions);
  if (minor === 1) return;
  for (const key of since1) {
    const hint = 'Write arazzo: 1.1.0 to use it.';
    part.member(key)?.error('unknown_key', `"${key}" is new in Arazzo 1.1`, hint, { at: 'key' });
  }
}
