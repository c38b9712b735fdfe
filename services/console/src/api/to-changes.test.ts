import { describe, expect, test } from '@jest/globals';
import { toChanges } from './to-changes.ts';

describe('what a form sends', () => {
  test('is what differs from what was seen, and nothing else', () => {
    const seen = { name: 'desk', note: null as string | null, hosts: { api: 'a.example' } };
    expect(toChanges(seen, { ...seen })).toEqual({});
    expect(toChanges(seen, { name: 'desk', note: 'ours', hosts: { api: 'b.example' } })).toEqual({
      note: 'ours',
      hosts: { api: 'b.example' },
    });
    expect(toChanges({ ...seen, note: 'ours' }, seen)).toEqual({ note: null });
  });
});
