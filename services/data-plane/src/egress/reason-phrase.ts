import { STATUS_CODES } from 'node:http';

/** Returns the registered name of a status (RFC 9110, 15), for messages; the upstream's own phrase is ignored. */
export function reasonPhraseOf(status: number): string | undefined {
  return STATUS_CODES[status];
}
