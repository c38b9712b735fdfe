import { isJsonObject } from '@toolplane/contracts';
import { toOneLine } from '@toolplane/service-kit';

/** The name that a client gives itself, unverified, for people who read the call log. */
export type ClientName = { name: string; version?: string };

const NAME_LENGTH_MAX = 64;
const VERSION_LENGTH_MAX = 32;

/** Reads the name from `clientInfo`, shortened and cleaned. Returns undefined for a client that does not send one. */
export function readClientName(clientInfo: unknown): ClientName | undefined {
  if (!isJsonObject(clientInfo)) return undefined;
  const name = toShortText(clientInfo['name'], NAME_LENGTH_MAX);
  if (name === '') return undefined;
  const version = toShortText(clientInfo['version'], VERSION_LENGTH_MAX);
  return version === '' ? { name } : { name, version };
}

function toShortText(text: unknown, lengthMax: number): string {
  return typeof text === 'string' ? toOneLine(text.slice(0, lengthMax)).trim() : '';
}
