import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type FolderImports, orderFolders, readFolderImports, readFolderMap } from '../infra/local/folder-imports.ts';

/** Conventions of this repository that no other tool enforces. The title of a test is the rule. */

const project = join(import.meta.dirname, '..');

type SourceFile = { path: string; text: string };

const sources = globSync('{packages,services,infra,.ci}/**/*.{ts,tsx,mjs,js}', {
  cwd: project,
  exclude: (path) => /(^|\/)(node_modules|generated|dist|testdata|results)(\/|$)/.test(path),
}).map((path): SourceFile => ({ path, text: readFileSync(join(project, path), 'utf8') }));

const isTest = ({ path }: SourceFile) =>
  /\.test\.ts$|\/test\/|^packages\/(e2e|loopback)\/|^infra\/local\/|^\.ci\//.test(path);
const productSources = sources.filter((file) => !isTest(file));

/** Returns the paths of the files that contain a pattern. */
function filesWith(pattern: RegExp, files = productSources): string[] {
  return files.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
}

/** A unit may depend on its own libraries only: adding one here is a deliberate decision. */
const libraries: Record<string, readonly string[]> = {
  // `tldts` has the list of public suffixes, for hosts that people declare; only the module that reads these loads it.
  'packages/contracts': ['tldts', 'zod'],
  'packages/regex': ['re2js'],
  'packages/expressions': ['@jmespath-community/jmespath', '@xmldom/xmldom', 'fontoxpath', 'json-p3'],
  'packages/json-schema': ['ajv'],
  'packages/policy': [],
  'packages/tool-search': ['minisearch', 'stemmer'],
  'packages/sealing': ['jose', 'zod'],
  'packages/compiler': ['ajv', 'fastest-levenshtein', 'yaml', 'zod'],
  'packages/bus': ['bullmq', 'ioredis', 'lru-cache', 'zod'],
  'packages/service-kit': [
    '@asteasolutions/zod-to-openapi',
    '@opentelemetry/api',
    '@opentelemetry/exporter-trace-otlp-http',
    '@opentelemetry/resources',
    '@opentelemetry/sdk-trace',
    'express',
    'helmet',
    'pino',
    'prom-client',
    'zod',
  ],
  'packages/cli': ['@clack/prompts', 'commander', 'eventsource-parser', 'zod'],
  'packages/loopback': [],
  'packages/e2e': [],
  'services/edge': [
    '@modelcontextprotocol/server',
    '@opentelemetry/api',
    'fastest-levenshtein',
    'lru-cache',
    'rate-limiter-flexible',
    'secure-json-parse',
    'zod',
  ],
  'services/data-plane': [
    '@aws-sdk/client-secrets-manager',
    '@modelcontextprotocol/client',
    '@opentelemetry/api',
    'got',
    'ipaddr.js',
    'jose',
    'lru-cache',
    'zod',
  ],
  'services/control-plane': [
    '@node-rs/argon2',
    '@opentelemetry/api',
    '@prisma/adapter-pg',
    '@prisma/client',
    '@simplewebauthn/server',
    'fastest-levenshtein',
    'lru-cache',
    'oidc-provider',
    'otpauth',
    'pg',
    'rate-limiter-flexible',
    'uqr',
    'zod',
  ],
  'services/console': [
    '@codemirror/commands',
    '@codemirror/lang-yaml',
    '@codemirror/language',
    '@codemirror/lint',
    '@codemirror/state',
    '@codemirror/view',
    '@mantine/core',
    '@mantine/hooks',
    '@mantine/notifications',
    '@tanstack/react-query',
    'react',
    'react-dom',
    'react-router',
  ],
  'infra/local': ['@modelcontextprotocol/client', 'ioredis', 'pg'],
};

describe('dependencies', () => {
  const manifests = globSync('{packages,services,infra}/*/package.json', { cwd: project });
  const dependenciesOf = (path: string) =>
    Object.keys(JSON.parse(readFileSync(join(project, path), 'utf8')).dependencies ?? {});

  test.each(manifests)('%s names no library beyond those of its unit', (path) => {
    const named = dependenciesOf(path).filter((name) => !name.startsWith('@toolplane/'));
    const allowed = libraries[path.replace('/package.json', '')] ?? [];
    expect(named.filter((name) => !allowed.includes(name))).toEqual([]);
  });

  test('nothing depends on a service', () => {
    const services = globSync('services/*', { cwd: project }).map((path) => `@toolplane/${basename(path)}`);
    expect(manifests.filter((path) => dependenciesOf(path).some((name) => services.includes(name)))).toEqual([]);
  });

  test('run on one version of Node, here and in images', () => {
    const read = (path: string) => readFileSync(join(project, path), 'utf8');
    const version = JSON.parse(read('package.json')).devDependencies.node;
    expect(/^nodeVersion: (.+)$/m.exec(read('pnpm-workspace.yaml'))?.[1]).toBe(version);
    expect(/^ARG BUILD_IMAGE=node:([\d.]+)-/m.exec(read('Dockerfile'))?.[1]).toBe(version);
  });
});

describe('walls inside the services', () => {
  const dataPlane = productSources.filter(({ path }) => path.startsWith('services/data-plane/src/'));
  const outside = (...folders: string[]) =>
    dataPlane.filter(({ path }) => !folders.some((folder) => path.startsWith(`services/data-plane/src/${folder}`)));

  test('in the data plane only execution/, commands/, replay/, the wiring and the programs of operators import secrets/', () => {
    const pattern = /(?:from |import\()'[./]*\/secrets\//;
    expect(
      filesWith(
        pattern,
        outside('execution/', 'commands/', 'replay/', 'secrets/', 'service.ts', 'config.ts', 'rotate-sealing-key.ts'),
      ),
    ).toEqual([]);
  });

  // `vault-client.ts` connects to the operator's secret store, at an address from the settings.
  test('in the data plane only egress/ and secrets/vault-client.ts open outbound sockets', () => {
    const pattern = /(?:from |import\()'(got|node:(http|https|net|tls|dns)(\/\w+)?)'|\bfetch\(/;
    expect(filesWith(pattern, outside('egress/', 'secrets/vault-client.ts'))).toEqual([]);
  });

  test('a secret is revealed only where it is used: egress, execution, secrets, and the wiring of a service', () => {
    const allowed = [
      /^packages\/service-kit\//,
      /^services\/data-plane\/src\/(egress|execution|secrets)\//,
      /^services\/[a-z-]+\/src\/(config|domains|migrate|service)\.ts$/,
      // An API key is hashed with the pepper.
      /^services\/edge\/src\/callers\/authenticate\.ts$/,
      /^services\/control-plane\/src\/access\/api-keys\/api-keys\.ts$/,
      // The caller's token is sent on if the owner of the server configured that.
      /^services\/edge\/src\/callers\/read-caller\.ts$/,
    ];
    const found = filesWith(/\.reveal\(/);
    expect(found.filter((path) => !allowed.some((pattern) => pattern.test(path)))).toEqual([]);
  });

  test('the environment is read once, in config.ts', () => {
    const readers = filesWith(/process\.env/).filter((path) => !/\/config\.ts$|\.example\.ts$/.test(path));
    expect(readers.toSorted()).toEqual([
      // The command line tool is not a service.
      'packages/cli/src/main.ts',
      // The log level must be known before configuration errors can be reported.
      'packages/service-kit/src/logger.ts',
      // This file reads nothing: it shows code that people copy into their programs.
      'services/console/src/connecting/programs.ts',
    ]);
  });

  test('packages for local mode are used only by tests and local mode', () => {
    const found = filesWith(/from '@toolplane\/(local|loopback)\//);
    expect(found).toEqual([]);
  });

  test('a store is used only by its own domain', () => {
    const foreign = productSources.filter(({ path, text }) => {
      const domain = dirname(path);
      const stores = [...text.matchAll(/from '(\.[^']*\/store\.ts)'/g)];
      return stores.some(([, store = '']) => dirname(join(domain, store)) !== domain);
    });
    expect(foreign.map(({ path }) => path)).toEqual([]);
  });
});

describe('folders', () => {
  // Files directly in src/ belong to no folder: they wire the folders together, or all folders use them.
  const units = globSync('{packages,services}/*/src', { cwd: project });

  test.each(units)('of %s do not import each other in a circle', (unit) => {
    expect(findCircle(readFolderImports(unit))).toEqual([]);
  });

  test.each(units)('of %s import only those below them in ARCHITECTURE.md', (unit) => {
    const imports = readFolderImports(unit);
    const order = orderFolders(unit, imports);
    const upwards = [...imports].flatMap(([folder, imported]) =>
      [...imported.keys()]
        .filter((it) => order.indexOf(it) < order.indexOf(folder))
        .map((it) => `${folder} imports ${it}`),
    );
    expect(upwards).toEqual([]);
  });
});

describe('files', () => {
  test('are named in kebab-case, after what they hold', () => {
    const banned = /(^|-)(utils?|helpers?|common|misc|shared|(?<!secrets-)manager|handler2)(-|$)|^(data|info|types)$/;
    const names = sources.map(({ path }) => ({ path, name: basename(path).replace(/\..*$/, '') }));
    const wrong = names.filter(({ name }) => banned.test(name) || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test('are short enough to read', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > 400);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  test('list the members of an object directly, not by spreading a literal', () => {
    expect(filesWith(/\.\.\.\{(?! *\})/, sources)).toEqual([]);
  });

  test('leave no test out', () => {
    const pattern = /\b(test|describe|it)\.(only|skip|todo|failing)\b|\b[fx](test|describe|it)\(/;
    expect(filesWith(pattern, sources)).toEqual([]);
  });

  test('mention later work only with an issue number', () => {
    const marker = new RegExp(`\\b(${['TODO', 'FIXME', 'XXX', 'HACK'].join('|')})\\b(?!\\(#\\d+\\))`);
    // This file contains the markers itself.
    expect(filesWith(marker, sources)).toEqual(['.ci/tidy.test.ts']);
  });
});

describe('ARCHITECTURE.md', () => {
  const folders = readFolderMap();

  test('has a map of folders that all exist', () => {
    expect(folders.length).toBeGreaterThan(10);
    expect(folders.filter((folder) => !existsSync(join(project, folder)))).toEqual([]);
  });

  test('has every package and service on its map', () => {
    const units = globSync('{packages,services}/*/package.json', { cwd: project }).map((path) => dirname(path));
    expect(units.filter((unit) => !folders.includes(unit))).toEqual([]);
  });

  test('has every folder of the three services on its map', () => {
    const inServices = globSync('services/{edge,data-plane,control-plane}/src/*/', {
      cwd: project,
      withFileTypes: true,
    })
      .filter((entry) => entry.isDirectory() && entry.name !== 'generated')
      .map((entry) => relative(project, join(entry.parentPath, entry.name)));
    expect(inServices.filter((folder) => !folders.includes(folder))).toEqual([]);
  });

  test('names only functions and files that exist in the path of a tool call', () => {
    const text = readFileSync(join(project, 'ARCHITECTURE.md'), 'utf8');
    const [, path = ''] = /^## The path of a tool call\n(.*?)^## /ms.exec(text) ?? [];
    const names = Array.from(path.matchAll(/`([^`\s]+)`/g), ([, name = '']) => name);
    const functions = names.filter((name) => /^[a-z]\w+$/.test(name));
    const files = names.filter((name) => name.endsWith('.ts'));
    expect(functions.length).toBeGreaterThan(10);
    expect(
      functions.filter((name) => filesWith(new RegExp(`^(export )?(async )?function ${name}\\b`, 'm')).length === 0),
    ).toEqual([]);
    expect(files.filter((name) => !productSources.some((file) => file.path.endsWith(`/${name}`)))).toEqual([]);
  });
});

describe('pages on how to add something', () => {
  const pages = globSync('docs/how-to/add-*.md', { cwd: project }).map((path) => basename(path));
  const textOf = (path: string) => readFileSync(join(project, path), 'utf8');

  test('name only files and folders that exist', () => {
    const named = pages.flatMap((page) => {
      const paths = textOf(`docs/how-to/${page}`).matchAll(
        /`((?:packages|services|infra|k8s|docs)\/[^`\s<>*]+|[\w./-]+\.ts)`/g,
      );
      return Array.from(paths, ([, path = '']) => `${page}: ${path}`);
    });
    expect(named.length).toBeGreaterThan(10);
    const exists = (path = '') =>
      existsSync(join(project, path)) || sources.some((file) => file.path.endsWith(`/${path}`));
    expect(named.filter((each) => !exists(each.split(': ')[1]))).toEqual([]);
  });

  test('are all linked from CONTRIBUTING.md', () => {
    const text = textOf('CONTRIBUTING.md');
    expect(pages.filter((page) => !text.includes(`(docs/how-to/${page})`))).toEqual([]);
  });
});

/** Returns the folders of one circle, in the order in which they import each other. */
function findCircle(imports: FolderImports): string[] {
  const done = new Set<string>();
  const visit = (folder: string, above: readonly string[]): string[] => {
    if (above.includes(folder)) return above.slice(above.indexOf(folder));
    if (done.has(folder)) return [];
    const found = [...(imports.get(folder)?.keys() ?? [])].map((it) => visit(it, [...above, folder]));
    done.add(folder);
    return found.find((circle) => circle.length > 0) ?? [];
  };
  return [...imports.keys()].map((folder) => visit(folder, [])).find((circle) => circle.length > 0) ?? [];
}
