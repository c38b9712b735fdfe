import { expect, test } from '@jest/globals';
import type { McpServer } from '@toolplane/api-client';
import { areSame, toDraft, toSettings } from './settings.ts';

const server = {
  name: 'trains',
  description: null,
  mode: 'NORMAL',
  isPublic: false,
  config: { allowedHosts: ['a.example.com', '*.b.example.com'], allowSharedConnections: true },
  connectorInstanceId: null,
} as McpServer;

test('hosts are typed one per line, and what only looks different is not a change', () => {
  const draft = toDraft(server);
  expect(draft.allowedHosts).toBe('a.example.com\n*.b.example.com');
  expect(toSettings(draft, server)).toEqual({
    name: 'trains',
    description: '',
    mode: 'NORMAL',
    isPublic: false,
    config: server.config,
  });
  expect(areSame({ ...draft, allowedHosts: ' A.example.com, *.b.example.com\n' }, server)).toBe(true);
  expect(areSame({ ...draft, allowedHosts: 'a.example.com' }, server)).toBe(false);
  expect(areSame({ ...draft, allowSharedConnections: false }, server)).toBe(false);
});

test('the hosts of a connector are not sent, because its instance decides them', () => {
  const ofInstance = { ...server, connectorInstanceId: 'ci_1' };
  const body = JSON.parse(JSON.stringify(toSettings(toDraft(ofInstance), ofInstance)));
  expect(body.config).toEqual({ allowSharedConnections: true });
});
