import type { Ability } from '@toolplane/contracts';
import { isRecord, toRecord } from './json-record.ts';
import type { Client } from './mcp-request.ts';
import { TASKS_EXTENSION } from './protocol.ts';

/** Reads `ClientCapabilities` of either era, which come from the client and may be anything. */
export function readClient(capabilities: unknown): Client {
  const declared = toRecord(capabilities);
  const abilities = new Set<Ability>();
  if (isRecord(declared['sampling'])) abilities.add('sampling');
  if (isRecord(declared['roots'])) abilities.add('roots');
  if (isRecord(declared['elicitation'])) {
    const { form, url } = toRecord(declared['elicitation']);
    // Before there were modes, an empty object meant forms.
    if (isRecord(form) || !isRecord(url)) abilities.add('elicitation');
    if (isRecord(url)) abilities.add('elicitation.url');
  }
  return { abilities, knowsTasks: isRecord(toRecord(declared['extensions'])[TASKS_EXTENSION]) };
}
