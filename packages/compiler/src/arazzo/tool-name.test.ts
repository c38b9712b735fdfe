import { describe, expect, test } from '@jest/globals';
import { toToolName } from './tool-name.ts';

describe('the name of a tool', () => {
  test.each([
    ['getPets-v2_1', 'getPets-v2_1'],
    ['Search Articles by Keyword', 'Search_Articles_by_Keyword'],
    ['pets.list/all', 'pets_list_all'],
    ['Café crème', 'Cafe_creme'],
  ])('of %s is %s', (id, name) => {
    expect(toToolName({ id })).toBe(name);
  });

  test('can be set', () => {
    expect(toToolName({ id: 'get pets', toolName: 'pets' })).toBe('pets');
  });

  test('fits the names of MCP and stays the same', () => {
    const ids = ['x'.repeat(500), '宠物', '---', 'a'.repeat(65), `${'a'.repeat(64)}b`, '🐶 🐱'];
    const names = ids.map((id) => toToolName({ id }));
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(new Set(names).size).toBe(ids.length);
    expect(toToolName({ id: '宠物' })).toBe('workflow_82a3a5f0');
  });
});
