import { defineConfig } from 'vite';

/** Where the control plane serves it, which writes a nonce of each answer in the place of the one here. */
export default defineConfig({
  base: '/console/',
  resolve: { conditions: ['toolplane-source', 'module', 'browser', 'development|production'] },
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    ...{ target: 'es2023', modulePreload: { polyfill: false }, assetsInlineLimit: 0, reportCompressedSize: false },
    license: { fileName: 'licenses.md' },
    // Libraries say `"use client"` to frameworks that run on servers as well.
    rolldownOptions: { onLog: (level, log, handle) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && handle(level, log) },
  },
});
