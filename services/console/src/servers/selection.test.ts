import { expect, test } from '@jest/globals';
import { findNameHere, type Selection } from './selection.ts';

test('a selected tool goes by its own name, by another that the server has for it, or by none', () => {
  const selection: Selection = {
    version: 1,
    selectedTools: ['desk.close.all', 'crm.find', 'crm.gone', 'crm.search'],
    renamed: [{ slug: 'crm.find', name: 'crm__find' }],
    missing: ['crm.gone'],
    leftOut: [{ slug: 'crm.search', reason: 'Another tool of the server has the same name' }],
    exposed: [],
  };
  const names = selection.selectedTools.map((slug) => findNameHere(selection, slug));
  expect(names).toEqual(['close.all', 'crm__find', undefined, undefined]);
});
