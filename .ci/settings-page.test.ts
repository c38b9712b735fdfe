import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { toSettingsPage } from './settings-page.ts';

const file = join(import.meta.dirname, '../docs/reference/settings.md');

/** `UPDATE_GOLDEN=1` rewrites the page. */
test('the settings page matches the schemas of the services', () => {
  const page = toSettingsPage();
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, page);
  expect(readFileSync(file, 'utf8')).toBe(page);
});
