import { describe, expect, test } from '@jest/globals';
import { fillUrl } from './fill-url.ts';

const fields = [{ key: 'region', field_type: 'string' as const, required: false, default_value: 'eu' }];

describe('a URL of a descriptor', () => {
  test.each([
    ['https://id.test/authorize', {}, 'https://id.test/authorize'],
    ['https://{config.tenant}.id.test:{config.port}/a', { tenant: 'acme', port: 8443 }, 'https://acme.id.test:8443/a'],
    ['https://id.test/{config.tenant}/a', { tenant: 'a/b?c' }, 'https://id.test/a%2Fb%3Fc/a'],
    ['{config.base}/a/{config.x}', { base: 'https://id.test', x: 'y/z' }, 'https://id.test/a/y%2Fz'],
    ['https://{config.region}.id.test/{{x}}', {}, 'https://eu.id.test/{x}'],
  ])('%s with %j', (url, configuration, filled) => {
    expect(fillUrl(url, configuration, fields)).toBe(filled);
  });

  test.each([
    ['https://{config.tenant}/', {}],
    ['https://{config.tenant}/', { tenant: 'user:word@id.test' }],
    ['{config.base}/a', { base: 'javascript:alert(1)//' }],
    ['{config.base}/a', { base: 'nowhere' }],
  ])('409 for %s with %j', (url, configuration) => {
    expect(() => fillUrl(url, configuration, fields)).toThrow(expect.objectContaining({ code: 'conflict' }));
  });
});
