import { expect, test } from '@jest/globals';
import { collectMetrics } from './registry.ts';
import { tally } from './tally.ts';

async function readSeries(): Promise<string[]> {
  const { text } = await collectMetrics();
  return text.split('\n').filter((line) => line.startsWith('toolplane_http_requests_total{'));
}

test('every reader gets everything that was counted, however often it was read before', async () => {
  const requests = tally('toolplane_http_requests_total');
  requests('POST', '200').inc();
  requests('POST', '200').inc();
  requests('GET', '404').inc();
  for (const _ of [1, 2]) {
    expect(await readSeries()).toEqual([
      'toolplane_http_requests_total{method="POST",status="200"} 2',
      'toolplane_http_requests_total{method="GET",status="404"} 1',
    ]);
  }
  requests('GET', '404').inc();
  expect(await readSeries()).toContain('toolplane_http_requests_total{method="GET",status="404"} 2');
});

test('a counter exists with 0 before its first event, so that the first event is an increase', async () => {
  tally('toolplane_http_requests_total')('DELETE', '200');
  expect(await readSeries()).toEqual(['toolplane_http_requests_total{method="DELETE",status="200"} 0']);
});
