import { describe, expect, test } from '@jest/globals';
import type { Manifest } from '@toolplane/contracts';
import { manifestOf } from '../../test/published.ts';
import { toHostedServer } from './hosted-server.ts';
import { changesBetween, changesSince, toMark } from './server-changes.ts';

const manifest = manifestOf();
const versioned = (toolsetVersion: number) => toHostedServer({ ...manifest, toolsetVersion });

describe('a change in the credentials that tools run with', () => {
  test('is a change of the list of tools, and of no other list', () => {
    expect(changesBetween(versioned(1), versioned(2)).lists).toEqual(new Set(['tools']));
    expect(changesBetween(versioned(2), versioned(2)).lists).toEqual(new Set());
  });

  test('is also one for a client that reconnects', () => {
    expect(changesSince(toMark(versioned(1)), versioned(2))?.lists).toEqual(new Set(['tools']));
    expect(changesSince(toMark(versioned(2)), versioned(2))?.lists).toEqual(new Set());
  });

  test('leaves the bytes of the list the same', () => {
    expect(versioned(1).lists.firstPage('tools')).toEqual(versioned(2).lists.firstPage('tools'));
  });
});

test('a server in mode SMART has the same list, whatever its tools are and whatever they run with', () => {
  const smart = (changes: Partial<Manifest>) => toHostedServer({ ...manifest, mode: 'smart', ...changes });
  const tool = { name: 'a', inputSchema: { type: 'object' }, planDigest: 'd', deadlineMs: 1, isRepeatable: true };
  expect(changesBetween(smart({}), smart({ toolsetVersion: 2, tools: [tool] })).lists).toEqual(new Set());
  expect(changesBetween(smart({}), toHostedServer(manifest)).lists).toEqual(new Set(['tools']));
});
