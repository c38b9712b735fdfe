import { defineConfig, loadEnv } from 'vite';

/**
 * The paths that the control plane serves in addition to the console. For `node --run dev`,
 * TOOLPLANE_API=http://127.0.0.1:… is its URL.
 */
const SERVED_ELSEWHERE = ['/.well-known', '/account', '/api', '/connect', '/sign-in'];

export default defineConfig(({ mode }) => {
  const { TOOLPLANE_API = 'http://127.0.0.1:8080' } = loadEnv(mode, '.', 'TOOLPLANE_');
  return {
    base: '/console/',
    resolve: { conditions: ['toolplane-source', 'module', 'browser', 'development|production'] },
    // The control plane replaces this with the nonce of each answer.
    html: { cspNonce: '__CSP_NONCE__' },
    server: { proxy: Object.fromEntries(SERVED_ELSEWHERE.map((path) => [path, TOOLPLANE_API])) },
    build: {
      target: 'es2023',
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      // Everything except the editor is one file, which browsers cache forever.
      chunkSizeWarningLimit: 1000,
      license: { fileName: 'licenses.md' },
      // Libraries contain `"use client"` for frameworks that also run on servers.
      rolldownOptions: { onLog: (level, log, handle) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && handle(level, log) },
    },
  };
});
