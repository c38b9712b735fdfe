import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { compileDocument } from '@toolplane/compiler';
import { readSampleDocument } from '../sample/deploy.ts';

test('the sample document compiles without a single warning', () => {
  const { document, diagnostics } = compileDocument(readSampleDocument('http://127.0.0.1:4711'), {
    workspaceId: 'ws_1',
    serverId: 'srv_1',
    secretNames: ['NIGHTLINE_KEY'],
    allowedHosts: [],
  });
  expect(diagnostics).toEqual([]);
  expect(document?.tools.map(({ tool }) => tool.name)).toEqual([
    'plan_night_journey',
    'book_berth',
    'where_is_train',
    'find_lost_thing',
    'list_stations',
    'read_station_clock',
  ]);
});

test('so does the one in Arazzo', () => {
  const read = (name: string) => readFileSync(new URL(`../sample/nightline.${name}.yaml`, import.meta.url), 'utf8');
  const { document, diagnostics } = compileDocument(read('arazzo'), {
    workspaceId: 'ws_1',
    serverId: 'srv_1',
    secretNames: ['NIGHTLINE_KEY'],
    allowedHosts: [],
    references: [{ name: 'nightline', content: read('openapi'), location: './nightline.openapi.yaml' }],
  });
  expect(diagnostics).toEqual([]);
  expect(document?.tools.map(({ tool }) => tool.name)).toEqual(['find_train', 'sleep_to_the_end']);
});
