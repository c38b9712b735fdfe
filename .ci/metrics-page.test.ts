import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { toMetricsPage } from './metrics-page.ts';

const file = join(import.meta.dirname, '../docs/reference/metrics.md');

/** `UPDATE_GOLDEN=1` rewrites the page. */
test('the metrics page matches the table of metrics', () => {
  const page = toMetricsPage();
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, page);
  expect(readFileSync(file, 'utf8')).toBe(page);
});
