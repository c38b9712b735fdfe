import { STATUS_CODES } from 'node:http';

/** The registered name of a status (RFC 9110, 15), for messages; what an upstream calls it is its own affair. */
export function reasonPhraseOf(status: number): string | undefined {
  return STATUS_CODES[status];
}
