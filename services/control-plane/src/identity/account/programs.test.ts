import { describe, expect, test } from '@jest/globals';
import type { PageRequest } from '@toolplane/service-kit/http';
import type { Grant } from '../../oauth/grants.ts';
import { listPrograms, toPrograms } from './programs.ts';

const grantOf = (index: number): Grant => ({
  id: `grt_${index}.`,
  client: { id: 'cli_1', name: null },
  server: { id: 'srv_1', slug: 'desk' },
  workspace: { id: 'ws_1', name: 'Support' },
  scopes: [],
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-04-01T00:00:00.000Z',
  lastUsedAt: null,
});

async function show(total: number, query = '') {
  const all = Array.from({ length: total }, (_, index) => grantOf(index + 1));
  const list = async (_personId: string, { page, limit }: PageRequest) => ({
    items: all.slice((page - 1) * limit, page * limit),
    total,
  });
  const text = toPrograms(await listPrograms(list, 'per_1', `/account${query}`))?.html ?? '';
  const ids = [...text.matchAll(/data-revoke="grt_(\d+)\."/g)].map(([, id]) => Number(id));
  return { text, first: ids.at(0), last: ids.at(-1), links: [...text.matchAll(/href="([^"]+)"/g)].map(([, to]) => to) };
}

describe('programs that act for a person', () => {
  test('are not mentioned where there are none', async () => {
    expect((await show(0)).text).toBe('');
    expect((await show(0, '?programs=3')).text).toBe('');
  });

  test('are on one page up to a hundred', async () => {
    expect(await show(100)).toMatchObject({ first: 1, last: 100, links: [] });
  });

  test('can all be disconnected, page by page', async () => {
    const [one, two, three] = [1, 2, 3].map((page) => `/account?programs=${page}#programs`);
    expect(await show(201)).toMatchObject({ first: 1, last: 100, links: [two] });
    expect(await show(201, '?programs=2')).toMatchObject({ first: 101, last: 200, links: [one, three] });
    const end = await show(201, '?programs=3');
    expect(end).toMatchObject({ first: 201, last: 201, links: [two] });
    expect(end.text).toContain('201 to 201 of 201');
  });

  test('that are fewer by now, or a number that is none, show a page that exists', async () => {
    expect(await show(200, '?programs=3')).toMatchObject({ first: 101, last: 200 });
    for (const query of ['?programs=0', '?programs=-1', '?programs=x', '?programs=1e9', '?programs=9999999']) {
      expect(await show(101, query)).toMatchObject({ first: 1, last: 100 });
    }
  });
});
