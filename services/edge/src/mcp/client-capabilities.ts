import type { Ability } from '@toolplane/contracts';
import type { Client } from './mcp-request.ts';
import { TASKS_EXTENSION } from './protocol.ts';

/** Reads `ClientCapabilities` of either era, which is the client's own word and may be anything. */
export function readClient(capabilities: unknown): Client {
  const declared = toObject(capabilities);
  const abilities = new Set<Ability>();
  if (isObject(declared['sampling'])) abilities.add('sampling');
  if (isObject(declared['roots'])) abilities.add('roots');
  if (isObject(declared['elicitation'])) {
    const { form, url } = toObject(declared['elicitation']);
    // Before there were modes, an empty object meant forms.
    if (isObject(form) || !isObject(url)) abilities.add('elicitation');
    if (isObject(url)) abilities.add('elicitation.url');
  }
  return { abilities, knowsTasks: isObject(toObject(declared['extensions'])[TASKS_EXTENSION]) };
}

function toObject(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
