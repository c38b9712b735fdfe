import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { fuzzing, fuzzTimeoutMs, hostileText, readFuzzCorpus, survive } from '@toolplane/loopback/fuzzing';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { toDefinition, toOpenApi } from './arazzo/compile/compile.example.ts';
import { listMissingSources } from './arazzo/sources/list-missing-sources.ts';
import { compileDocument } from './compile-document.ts';
import { ticketSystem } from './connector/connector.example.ts';
import { importOpenApi } from './connector/import/import-open-api.ts';
import { readConnector } from './connector/read-connector.ts';
import { readDocument } from './document/read-document.ts';

/* Whatever is deployed, it is compiled, or a diagnostic reports where and why it is not. Nothing is thrown. */

const folder = new URL('../testdata/', import.meta.url);
const documents = (ending: string) =>
  readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => readFileSync(new URL(file, folder), 'utf8'));

const yaml = [
  'a: ',
  '- ',
  '[',
  ']',
  '{',
  '}',
  '&a ',
  '*a',
  '!!js/function ',
  '"',
  '\n',
  '  ',
  '|',
  '? ',
  '---\n',
  '<<: ',
];
const names = [
  '__proto__: ',
  'constructor: ',
  'steps',
  '$ref: ',
  '"#"',
  '$secrets.KEY',
  '{$inputs.a}',
  'null',
  '1e999',
];
const pieces = [...yaml, ...names];
const openApi = toOpenApi({});
const arazzo = [...documents('.arazzo.yaml'), JSON.stringify(toDefinition({})), stringify(toDefinition({}))];

const options = { workspaceId: 'w', serverId: 's', secretNames: [], allowedHosts: [] };
const references = [
  { name: 'api', content: JSON.stringify(openApi), location: 'https://api.example.test/openapi.json' },
];

function compile(text: string): void {
  const { document, diagnostics } = compileDocument(text, { ...options, references });
  expect(document === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
}

function compileWithSource(content: string): void {
  const [source] = references;
  compileDocument(JSON.stringify(toDefinition({})), {
    ...options,
    references: [{ name: 'api', location: source?.location ?? '', content }],
  });
}

function register(text: string): void {
  const { connector, diagnostics } = readConnector(text);
  expect(connector === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
}

function importText(text: string): void {
  const { descriptor } = importOpenApi(text);
  if (descriptor !== undefined) expect(readConnector(descriptor).connector).toBeDefined();
}

const yamlCorpus = readFuzzCorpus(new URL('fuzz-corpus/yaml.json', folder));

function readYaml(text: string): void {
  const { document, diagnostics } = readDocument(text);
  expect(document !== undefined || diagnostics.length > 0).toBe(true);
}

const readers: [string, readonly string[], (text: string) => void][] = [
  ['YAML', yamlCorpus, readYaml],
  ['Flower', documents('.flower.yaml'), compile],
  ['Arazzo', arazzo, compile],
  ['a source of Arazzo', [JSON.stringify(openApi), stringify(openApi)], compileWithSource],
  ['sources that are missing', arazzo, (text) => void listMissingSources(text, references)],
  ['descriptors of connectors', [ticketSystem], register],
  ['OpenAPI to import', [JSON.stringify(openApi), stringify(openApi)], importText],
];

test.each(readers)(
  '%s: any text is compiled or refused (T17, T18, T19, T58)',
  (_name, valid, read) => {
    const isRefusal = () => false;
    for (const text of valid) survive(() => read(text), isRefusal);
    fc.assert(
      fc.property(hostileText(pieces, valid), (text) => void survive(() => read(text), isRefusal)),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);
