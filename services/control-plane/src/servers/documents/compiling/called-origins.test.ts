import { describe, expect, test } from '@jest/globals';
import type { Plan, UrlTemplate } from '@toolplane/contracts';
import { listCalledOrigins } from './called-origins.ts';

const requestTo = (url: UrlTemplate) => ({ method: 'GET' as const, url, headers: [], query: [] });
const planOf = (url: UrlTemplate, connection?: Plan['connection']) =>
  ({ steps: [{ request: requestTo(url) }], ...(connection && { connection }) }) as unknown as Plan;
const originsOf = (plan: Plan) => listCalledOrigins([plan]);

describe('the origins that a plan calls', () => {
  test.each<[string, UrlTemplate, string[]]>([
    ['a URL without values', { kind: 'parts', parts: ['https://a.test'] }, ['https://a.test']],
    [
      'a value in the path',
      { kind: 'operation', parts: ['https://a.test:8443/x/', { parameter: 'id' }] },
      ['https://a.test:8443'],
    ],
    [
      'a value in the host',
      { kind: 'parts', parts: ['https://', { path: ['arguments', 'x'], where: 'host' }, '/y'] },
      [],
    ],
    ['a value at the end of the host', { kind: 'parts', parts: ['https://a', { path: ['x'], where: 'host' }] }, []],
    ['a URL that is a value', { kind: 'whole', path: ['arguments', 'url'] }, []],
  ])('%s', (_name, url, origins) => {
    expect(originsOf(planOf(url))).toEqual(origins);
  });

  test('include those of its token and of its sign-in', () => {
    const connection = {
      ownerId: 'ws_1',
      instanceId: 'coi_1',
      connector: 'x',
      authentication: {
        id: 'oauth',
        fields: [],
        token: { grant: 'client_credentials', tokenUrl: 'https://id.test/token', scopes: [], clientAuth: 'basic' },
        chains: [
          {
            id: 'chain',
            ttlMs: 0,
            steps: [{ request: requestTo({ kind: 'parts', parts: ['https://login.test/'] }), extract: [] }],
          },
        ],
      },
    } satisfies Plan['connection'];
    const plan = planOf({ kind: 'parts', parts: ['https://a.test/'] }, connection);
    expect(originsOf(plan)).toEqual(['https://a.test', 'https://id.test', 'https://login.test']);
  });
});
