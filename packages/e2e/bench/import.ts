/*
 * P6: an OpenAPI document becomes a connector. For real documents from npm packages of exact versions, and one of 1 000
 * operations, this measures how long the import takes, what is imported and why the rest is not, and whether the
 * descriptor can be registered.
 */
import { importOpenApi, readConnector } from '@toolplane/compiler';
import { median, report } from './measure.ts';
import { readDocument, realDocuments } from './real-documents.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const OPERATIONS = 1000;
const rows = [
  measure('1 000 operations', madeUp()),
  ...realDocuments.map((document) => measure(document.what, readDocument(document))),
];
console.log('P6: goal ≤ 2 s for 1 000 operations');
report('import', rows, { rounds: ROUNDS, documents: realDocuments });

function measure(what: string, text: string) {
  const options = { withDeprecated: true, location: 'https://example.com/openapi.json' };
  const times: number[] = [];
  let result = importOpenApi(text, options);
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedAt = performance.now();
    result = importOpenApi(text, options);
    times.push(performance.now() - startedAt);
  }
  const { descriptor = '', imported, skipped, diagnostics } = result;
  const { connector, diagnostics: problems } = readConnector(descriptor);
  reportReasons(what, skipped);
  reportWarnings(diagnostics);
  const names = connector?.mcp_config?.route_mappings.map((mapping) => mapping.mcp_tool_name) ?? [];
  const errors = problems
    .filter(({ severity }) => severity === 'error')
    .map(({ pointer, message }) => `${pointer} ${message}`);
  if (connector === undefined) throw new Error(`${what}: ${errors.slice(0, 3).join('; ')}`);
  if (new Set(names).size < names.length || names.some((name) => name.length > 64)) {
    throw new Error(`${what}: names of tools are not unique, or too long`);
  }
  return {
    what,
    'document, MB': inMegabytes(text),
    operations: imported + skipped.length,
    imported,
    skipped: skipped.length,
    'ms (median)': Math.round(median(times)),
    'descriptor, MB': inMegabytes(descriptor),
    'names > 40': names.filter((name) => name.length > 40).length,
  };
}

function reportReasons(what: string, skipped: { operation: string; reason: string }[]): void {
  const groups = Map.groupBy(skipped, ({ reason }) => reason.replaceAll(/"[^"]*"/g, '"…"'));
  for (const [reason, [first, ...others]] of groups) {
    console.log(`${what} without ${others.length + 1}: ${reason} (${first?.operation})`);
  }
}

function reportWarnings(diagnostics: { code: string; message: string }[]): void {
  for (const [code, [first, ...others]] of Map.groupBy(diagnostics, (each) => each.code)) {
    console.log(`  ${others.length + 1} × ${code}: ${first?.message.slice(0, 200)}`);
  }
}

function madeUp(): string {
  const item = { $ref: '#/components/schemas/item' };
  const paths = Array.from({ length: OPERATIONS }, (_, index) => {
    const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
    const body = { requestBody: { content: { 'application/json': { schema: item } } } };
    const operation = {
      summary: `Do something with thing ${index}`,
      parameters: [id],
      ...(index % 2 === 0 ? {} : body),
    };
    return [`/things${index}/{id}`, { [index % 2 === 0 ? 'get' : 'post']: operation }];
  });
  const properties = { name: { type: 'string' }, parent: item, children: { type: 'array', items: item } };
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Made up', version: '1.0.0' },
    servers: [{ url: 'https://api.example.com' }],
    paths: Object.fromEntries(paths),
    components: { schemas: { item: { type: 'object', properties } } },
  });
}

function inMegabytes(text: string): number {
  return Math.round(Buffer.byteLength(text) / 1e4) / 100;
}
