import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { compileDocument } from '../compile-document.ts';

const reference = readFileSync(new URL('../../../../docs/reference/flower.md', import.meta.url), 'utf8');
const documents = [...reference.matchAll(/^```yaml\n(flower:.*?)^```$/gms)].map(([, document = '']) => document);

test.each(documents.map((document) => [document.split('\n')[1], document]))(
  'the example "%s" in the reference compiles without a warning',
  (_, document = '') => {
    const { diagnostics } = compileDocument(document, {
      workspaceId: 'w',
      serverId: 's',
      secretNames: ['TICKETS_KEY'],
      allowedHosts: [],
      slug: 'ticket-desk',
    });
    expect(diagnostics).toEqual([]);
  },
);
