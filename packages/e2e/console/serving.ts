import { describe, expect, test } from '@jest/globals';
import type { ConsoleInUse } from '../src/console.ts';

export function describeServing(using: () => ConsoleInUse): void {
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${using().platform.api}${path}`, { redirect: 'manual', headers });

  describe('the control plane', () => {
    test('redirects its root to the console, and serves the same page on every path below', async () => {
      const root = await get('/');
      expect([root.status, root.headers.get('location')]).toEqual([303, '/console/']);
      for (const path of ['/console', '/console/', '/console/ws_default/servers']) {
        const { status, headers } = await get(path);
        expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      }
    });

    test('sends a policy that allows its own files, and styles only with the nonce of the response (T29)', async () => {
      const nonces = new Set<string>();
      for (let n = 0; n < 2; n += 1) {
        const { headers, ...page } = await get('/console/').then(async (it) => ({
          headers: it.headers,
          text: await it.text(),
        }));
        const policy = headers.get('content-security-policy') ?? '';
        const [, nonce = ''] = /style-src 'self' 'nonce-([^']+)'/.exec(policy) ?? [];
        expect(policy).toContain("default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        expect(policy).toContain(`connect-src 'self' ${using().platform.mcp}`);
        expect(policy).not.toContain('unsafe');
        expect(page.text).toContain(`nonce="${nonce}"`);
        expect(headers.get('cache-control')).toBe('no-store');
        nonces.add(nonce);
      }
      expect(nonces.size).toBe(2);
    });

    test('serves files that may be cached for ever, compressed for clients that accept it, and no other files', async () => {
      const page = await (await get('/console/')).text();
      const [, script = ''] = /src="(\/console\/assets\/[^"]+\.js)"/.exec(page) ?? [];
      const plain = await get(script, { 'accept-encoding': 'identity' });
      expect(plain.headers.get('content-encoding')).toBeNull();
      const packed = await get(script, { 'accept-encoding': 'gzip' });
      expect(packed.headers.get('content-encoding')).toBe('gzip');
      expect(packed.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(await packed.text()).toBe(await plain.text());
      for (const path of ['nothing.js', '..%2findex.html', '..%2f..%2fpackage.json', '%2e%2e/%2e%2e/package.json']) {
        expect((await get(`/console/assets/${path}`)).status).toBe(404);
      }
    });
  });
}
