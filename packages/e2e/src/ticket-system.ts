import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TicketApi } from './ticket-api.ts';

const file = join(import.meta.dirname, '../../compiler/testdata/ticket-system.connector.yaml');

/** The descriptor as its author wrote it, with the ticket API of the tests in place of the real one. */
export function ticketSystem({ url }: Pick<TicketApi, 'url'>): string {
  return readFileSync(file, 'utf8').replaceAll('https://tickets.internal.com', url);
}
