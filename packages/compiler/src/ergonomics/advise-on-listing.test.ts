import { describe, expect, test } from '@jest/globals';
import type { Diagnostic } from '@toolplane/contracts';
import { adviseOnListing, type Listing } from './advise-on-listing.ts';

/* Tests the advice on everything that a server lists, whatever its origin. */

const names = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const none: Listing = { own: [], selected: [], external: [] };
const railway = { slug: 'railway', mode: 'NORMAL' as const };

const ofDocument = (code: string): Diagnostic => {
  return { severity: 'warning', code, message: 'of the document', hint: '', pointer: '/flows', line: 3, column: 1 };
};

function advice(listing: Partial<Listing>, audience: object = {}, onDocument?: Diagnostic[]): string[] {
  const found = adviseOnListing({ ...none, ...listing }, { ...railway, ...audience }, onDocument);
  return found.map(({ code, message, hint }) => `${code}: ${message}. ${hint}`);
}

describe('the number of tools', () => {
  test('counts those of the document, those that are selected and those of external servers', () => {
    expect(advice({ own: names(10, 'a'), selected: names(10, 'b'), external: names(20, 'c') })).toEqual([]);
    expect(advice({ own: names(10, 'a'), selected: names(10, 'b'), external: names(21, 'c') })).toEqual([
      'too_many_tools: There are 41 tools (10 of its own, 10 selected, 21 of external servers); many clients show a model ' +
        'only the first 40. Use the mode SMART, or offer only what one task needs: narrow selectedTools, or the tools of ' +
        'external servers.',
    ]);
    expect(advice({ own: names(41, 'a') })).toEqual([expect.stringContaining('or split the server')]);
  });

  test('and their names do not matter in mode SMART, whose clients see none of them', () => {
    const listing = { own: names(41, 'n'.repeat(60)), external: names(41, 'c') };
    expect(advice(listing, { mode: 'SMART' })).toEqual([]);
    expect(advice(listing, { mode: 'SMART' }, [ofDocument('vague_description')])).toHaveLength(1);
  });
});

describe('names', () => {
  test('of 64 characters with the prefix of clients are accepted, of 65 not', () => {
    expect(advice({ external: ['n'.repeat(50)] })).toEqual([]);
    expect(advice({ external: ['n'.repeat(51)] })).toEqual([
      `long_name: Some clients refuse names over 64 characters: "mcp__railway__${'n'.repeat(51)}". Choose a shorter prefix ` +
        'for the external server.',
    ]);
  });

  test.each([
    [
      { own: ['n'.repeat(20)] },
      'Choose a name of at most 37 characters for the server, or shorter names in its document.',
    ],
    [{ selected: ['n'.repeat(20)] }, 'Choose a name of at most 37 characters for the server.'],
    [{ selected: ['n'.repeat(120)] }, 'Choose tools with shorter names.'],
    [
      { external: ['n'.repeat(20)] },
      'Choose a name of at most 37 characters for the server, or a shorter prefix for the external server.',
    ],
  ])('that are too long: %j get a remedy that helps', (listing, hint) => {
    expect(advice(listing, { slug: 's'.repeat(50) })).toEqual([expect.stringContaining(`. ${hint}`)]);
  });

  test('that are too long are one problem, which shows the first of them', () => {
    expect(advice({ own: names(5, 'n'.repeat(60)) })).toEqual([
      expect.stringMatching(/(?:"mcp__[^"]*"[, ]*){3}and 2 more\./),
    ]);
  });
});

describe('together with the advice on the document that is listed', () => {
  const own = [...names(41, 'a'), 'n'.repeat(60)];
  const reported = [ofDocument('too_many_tools'), ofDocument('long_name'), ofDocument('vague_description')];

  test('nothing is said twice', () => {
    expect(adviseOnListing({ ...none, own }, railway, reported)).toEqual(reported);
    expect(adviseOnListing({ ...none, own: ['find_train'] }, railway, [])).toEqual([]);
  });

  test('the count of all tools takes the place of that of the document, and the names of others are added', () => {
    const external = ['x'.repeat(60)];
    const found = adviseOnListing({ ...none, own, external }, railway, reported);
    expect(found.map(({ code, message, line }) => [code, line, message.slice(0, 18)])).toEqual([
      ['long_name', 3, 'of the document'],
      ['vague_description', 3, 'of the document'],
      ['too_many_tools', 1, 'There are 43 tools'],
      ['long_name', 1, 'Some clients refus'],
    ]);
    expect(found.at(-1)?.message).not.toContain('nnn');
  });
});
