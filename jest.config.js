// Sources run as they are: workspace packages resolve through the export condition `toolplane-source`, so no test sees a stale build.
const base = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['toolplane-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024', experimental: { keepImportAttributes: true } },
        sourceMaps: 'inline',
      },
    ],
  },
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/', '/\\.toolplane/', '/\\.cache/'],
};

const withServers = {
  globalSetup: '<rootDir>/infra/local/jest-setup.ts',
  globalTeardown: '<rootDir>/infra/local/jest-teardown.ts',
};
const longTests = '**/*.long.test.ts';

export default {
  // For what waits on processes and on deadlines; whatever needs no waiting is over long before.
  testTimeout: 30_000,
  // Jest keeps the modules of each file until its process ends; a heap of gigabytes costs more than a fresh process.
  workerIdleMemoryLimit: '600MB',
  testSequencer: '<rootDir>/.ci/slowest-first.mjs',
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: [
        '**/src/**/*.test.ts',
        '<rootDir>/packages/e2e/faults/*.test.ts',
        '<rootDir>/.ci/*.test.ts',
        `!${longTests}`,
      ],
    },
    {
      ...base,
      displayName: 'real',
      ...withServers,
      testMatch: ['**/*.int.test.ts', '<rootDir>/packages/e2e/test/**/*.test.ts', `!${longTests}`],
    },
    // Those that take long by what they are about: many processes that die, limits of time, hundreds of calls.
    { ...base, displayName: 'long', ...withServers, testMatch: [longTests] },
  ],
};
