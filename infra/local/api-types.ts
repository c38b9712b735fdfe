import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import openapiTypescript, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { LocalError, runTask } from './local-error.ts';
import { projectFolder } from './services.ts';

type Schema = { $ref?: string; properties?: Record<string, Schema>; required?: string[]; default?: unknown };
type Operation = { responses: Record<string, object> };
type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; responses?: object };
};

const BASE_PATH = '/api/v1';
/** Other names of paths under `/mcp-servers`. */
const ALIASES = `${BASE_PATH}/mcp_manager`;

/** `npm run api-types`, run after a change of a route or of its schemas, writes the types for clients of the REST API. */
await runTask(async () => {
  const document = printDocument();
  const digest = createHash('sha256').update(document).digest('hex');
  const types = await openapiTypescript(toClientDocument(JSON.parse(document)) as unknown as OpenAPI3, {
    // A request may leave out what has a default.
    defaultNonNullable: false,
  });
  const head = `// Written by \`npm run api-types\`; do not edit.\n// document: sha256:${digest}\n`;
  writeFileSync(
    join(projectFolder, 'packages/api-client/src/generated/api.ts'),
    `${head}\n${astToString(types).trimEnd()}\n`,
  );
});

function printDocument(): string {
  const flags = ['--conditions=toolplane-source', '--disable-warning=ExperimentalWarning'];
  const script = join(projectFolder, 'services/control-plane/src/print-openapi.ts');
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, script], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 ** 2,
  });
  if (status !== 0) throw new LocalError(`the OpenAPI document could not be printed: ${stderr}`);
  return stdout;
}

/** The document as our clients need it: below its base path, without aliases, and without refusals, which they throw. */
function toClientDocument({ paths, components, ...rest }: Document): Document {
  const own = Object.entries(paths).filter(([path]) => !path.startsWith(ALIASES));
  for (const operation of own.flatMap(([, methods]) => Object.values(methods))) {
    const answers = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));
    operation.responses = Object.fromEntries(answers);
    requireDefaults(operation.responses, components.schemas);
  }
  const { responses: _, ...kept } = components;
  const below = own.map(([path, methods]) => [path.slice(BASE_PATH.length), methods]);
  return { ...rest, paths: Object.fromEntries(below), components: kept };
}

/** An answer always has the members that have a default. */
function requireDefaults(part: object, schemas: Record<string, Schema>, seen = new Set<object>()): void {
  if (seen.has(part)) return;
  seen.add(part);
  const { $ref, properties = {} } = part as Schema;
  const referred = schemas[$ref?.split('/').at(-1) ?? ''];
  if (referred !== undefined) requireDefaults(referred, schemas, seen);
  const withDefault = Object.keys(properties).filter((name) => properties[name]?.default !== undefined);
  if (withDefault.length > 0) {
    const schema = part as Schema;
    schema.required = [...new Set([...(schema.required ?? []), ...withDefault])];
  }
  for (const inner of Object.values(part)) {
    if (typeof inner === 'object' && inner !== null) requireDefaults(inner, schemas, seen);
  }
}
