import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, loadEnv, type Plugin } from 'vite';

const FILE = 'toolplane.mjs';
const LICENSES = 'licenses.md';

/** The version and revision, in the format of the services. */
function toBuild(mode: string): string {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    version: string;
  };
  const { TOOLPLANE_REVISION: revision = '' } = loadEnv(mode, import.meta.dirname, 'TOOLPLANE_REVISION');
  return JSON.stringify({ version, revision });
}

/** Modules that are required only when they are first needed must be in the file as well. */
const withRequired: Plugin = {
  name: 'with-required',
  enforce: 'pre',
  transform(code) {
    const line = 'const require = createRequire(import.meta.url);';
    return code.includes(line) ? code.replace(line, '') : undefined;
  },
};

/** The file is distributed alone, so it contains the licences of its parts. */
const withLicenses: Plugin = {
  name: 'with-licenses',
  writeBundle({ dir = 'dist' }) {
    const licenses = readFileSync(join(dir, LICENSES), 'utf8').replaceAll('*/', '* /');
    appendFileSync(join(dir, FILE), `/*\n${licenses}*/\n`);
  },
};

/** One file for Node that contains everything it needs, so that the command line tool requires only Node. */
export default defineConfig(({ mode }) => ({
  plugins: [withRequired, withLicenses],
  define: { BUILT: toBuild(mode) },
  ssr: { noExternal: true, resolve: { conditions: ['toolplane-source', 'node', 'module', 'import', 'default'] } },
  build: {
    ssr: 'src/main.ts',
    target: 'node22',
    license: { fileName: LICENSES },
    rolldownOptions: { output: { entryFileNames: FILE, codeSplitting: false } },
  },
}));
