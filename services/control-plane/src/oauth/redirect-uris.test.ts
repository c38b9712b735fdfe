import { expect, test } from '@jest/globals';
import { findReceiver, showRedirect } from './redirect-uris.ts';

test.each([
  ['https://client.example/callback?a=b', 'website'],
  ['https://localhost.example.com/callback', 'website'],
  ['http://127.0.0.1:1234/callback', 'loopback'],
  ['http://[::1]:1234/callback', 'loopback'],
  ['http://localhost/callback', 'loopback'],
  ['com.example.app:/callback', 'app'],
  ['com.example.app://callback', 'app'],
  ['cursor://anysphere.cursor-mcp/oauth/callback', 'app'],
  ['vscode://saoudrizwan.claude-dev/callback', 'app'],
])('%s is a redirect URI to a receiver of the kind %s', (uri, kind) => {
  expect(findReceiver(uri)).toBe(kind);
});

test.each([
  'microsoft-edge:https://evil.example/callback',
  'googlechrome://evil.example/callback',
  'javascript:alert(1)',
  'data:text/html,x',
  'file:///etc/passwd',
  'intent://evil.example/#Intent;scheme=https;end',
  'app:/callback',
  'com.:/callback',
  'http://127.0.0.1.example.com/callback',
  'http://client.example/callback',
  'https://client.example@evil.example/callback',
  'https://:password@evil.example/callback',
  'https://client.example/callback#fragment',
  'https:\\\\evil.example/callback',
  ' https://client.example/callback',
  'https://client.example/\tcallback',
  'https://cliënt.example/callback',
  'no URL',
  undefined,
  ['https://client.example/callback'],
])('%j is no redirect URI, because a browser could take it to any site or program (T46)', (uri) => {
  expect(findReceiver(uri)).toBeUndefined();
});

test.each([
  [
    'https://claude.ai.evil.example:8443/https://claude.ai/?a=b',
    ['https://', 'claude.ai.evil.example:8443', '/https://claude.ai/?a=b'],
  ],
  ['https://CLAUDE%2eai/callback', ['https://', 'claude.ai', '/callback']],
  ['http://[::1]:80/callback', ['http://', '[::1]', '/callback']],
  ['com.example.app:https://claude.ai/callback', ['', 'com.example.app', ':https://claude.ai/callback']],
])('all of %s is shown, and who receives it stands out (T46)', (uri, parts) => {
  const { before, receiver, after } = showRedirect(uri);
  expect([before, receiver, after]).toEqual(parts);
});
