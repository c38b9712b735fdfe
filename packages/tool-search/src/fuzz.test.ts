import { expect, test } from '@jest/globals';
import { fuzzing, fuzzTimeoutMs, hostileText } from '@toolplane/loopback/fuzzing';
import fc from 'fast-check';
import type { SearchableTool } from './tool-document.ts';
import { buildToolSearch } from './tool-search.ts';

const words = [
  'create',
  'issue',
  'List',
  'Slack',
  '__proto__',
  'constructor',
  'set up',
  '\u202e',
  '\u{1f600}',
  '_',
  '.',
];
const text = fc.oneof(hostileText(words, ['send a message to a channel', 'which issues are open']), fc.string());
const tool: fc.Arbitrary<Omit<SearchableTool, 'slug'> & { name: string }> = fc.record({
  name: text,
  toolkit: text,
  title: text,
  description: text,
  parameters: fc.array(text, { maxLength: 3 }),
  toolkitNames: fc.array(text, { maxLength: 2 }),
  effect: fc.constantFrom('reads', 'writes', 'deletes', undefined),
});

test(
  'whatever tools say about themselves and whatever is searched for, results are these tools, best first',
  async () => {
    const property = fc.asyncProperty(fc.array(tool, { maxLength: 8 }), text, async (tools, useCase) => {
      const named = tools.map(({ name, ...rest }, at) => ({ ...rest, slug: `${rest.toolkit}.${name}${at}` }));
      const search = await buildToolSearch(named);
      const found = search.search(useCase, { limit: 5 });
      expect(found.length).toBeLessThanOrEqual(5);
      const slugs = new Set(named.map(({ slug }) => slug));
      expect(found.filter(({ slug, score }) => !slugs.has(slug) || !(score >= 0))).toEqual([]);
      expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).sort((a, b) => b - a));
      expect(search.suggest(useCase).length).toBeLessThanOrEqual(3);
    });
    await fc.assert(property, fuzzing);
  },
  fuzzTimeoutMs,
);
