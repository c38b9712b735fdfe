import { defineConfig, loadEnv } from 'vite';

/**
 * What the control plane serves in addition to the console, for `node --run dev`: TOOLPLANE_API=http://127.0.0.1:…
 * names it.
 */
const SERVED_ELSEWHERE = ['/.well-known', '/account', '/api', '/connect', '/sign-in'];

export default defineConfig(({ mode }) => {
  const { TOOLPLANE_API = 'http://127.0.0.1:8080' } = loadEnv(mode, '.', 'TOOLPLANE_');
  return {
    base: '/console/',
    resolve: { conditions: ['toolplane-source', 'module', 'browser', 'development|production'] },
    // The control plane writes a nonce of each answer in its place.
    html: { cspNonce: '__CSP_NONCE__' },
    server: { proxy: Object.fromEntries(SERVED_ELSEWHERE.map((path) => [path, TOOLPLANE_API])) },
    build: {
      target: 'es2023',
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      // All but the editor is one file, which browsers keep for ever.
      chunkSizeWarningLimit: 1000,
      license: { fileName: 'licenses.md' },
      // Libraries say `"use client"` to frameworks that run on servers as well.
      rolldownOptions: { onLog: (level, log, handle) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && handle(level, log) },
    },
  };
});
