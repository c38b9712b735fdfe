import { setTimeout as delay } from 'node:timers/promises';
import type { TestPlatform } from '../src/platform.ts';
import type { LogRow } from './journal.ts';

const POLL_MS = 1_000;
/** Rows appear a second or two after their calls. */
const UNCHANGED_POLLS = 5;
const POLLS_MAX = 60;

/** Returns the rows of the call log since a time, when no more rows are added. */
export async function readRows(
  { api, apiKey }: Pick<TestPlatform, 'api' | 'apiKey'>,
  since: Date,
  expected: number,
): Promise<LogRow[]> {
  const rows: LogRow[] = [];
  let cursor = '';
  let unchanged = 0;
  for (let poll = 0; poll < POLLS_MAX && unchanged < (rows.length < expected ? 2 : 1) * UNCHANGED_POLLS; poll += 1) {
    const before = rows.length;
    rows.length = 0;
    cursor = '';
    do {
      const url = `${api}/api/v1/calls/export?from=${since.toISOString()}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
      const response = await fetch(url, { headers: { 'x-api-key': apiKey } });
      if (!response.ok) throw new Error(`the call log answered ${response.status}: ${await response.text()}`);
      for (const line of (await response.text()).split('\n')) {
        if (line === '') continue;
        const { client, outcome } = JSON.parse(line) as { client?: { name: string }; outcome: string };
        if (client !== undefined) rows.push({ client: client.name, outcome });
      }
      cursor = response.headers.get('x-next-cursor') ?? '';
    } while (cursor !== '');
    unchanged = rows.length === before ? unchanged + 1 : 0;
    await delay(POLL_MS);
  }
  return rows;
}
