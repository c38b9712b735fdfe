import { type Ability, isJsonObject } from '@toolplane/contracts';
import type { Client } from '../calls/mcp-request.ts';
import { toRecord } from '../protocol/json-record.ts';
import { TASKS_EXTENSION } from '../protocol/protocol.ts';

/** Reads `ClientCapabilities` of either era, which come from the client and may have any form. */
export function readClient(capabilities: unknown): Client {
  const declared = toRecord(capabilities);
  const abilities = new Set<Ability>();
  if (isJsonObject(declared['sampling'])) abilities.add('sampling');
  if (isJsonObject(declared['roots'])) abilities.add('roots');
  if (isJsonObject(declared['elicitation'])) {
    const { form, url } = toRecord(declared['elicitation']);
    // Before modes were introduced, an empty object meant forms.
    if (isJsonObject(form) || !isJsonObject(url)) abilities.add('elicitation');
    if (isJsonObject(url)) abilities.add('elicitation.url');
  }
  return { abilities, knowsTasks: isJsonObject(toRecord(declared['extensions'])[TASKS_EXTENSION]) };
}
