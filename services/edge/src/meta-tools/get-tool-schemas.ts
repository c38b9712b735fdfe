import { AppError, type Json, type JsonObject, succeeded } from '@toolplane/contracts';
import type { CatalogueTool } from '../catalogue/catalogue.ts';
import { getToolSchemasDefinition } from '../manifests/meta-tools/get-tool-schemas.ts';
import { ANSWER_BYTES_MAX, type MetaTool } from './meta-tool.ts';
import { nearestTools } from './unknown-names.ts';

type Arguments = { tool_slugs: string[]; include_output: boolean };

/** `get_tool_schemas`: returns the arguments that tools accept. */
export const getToolSchemas: MetaTool<Arguments> = {
  definition: getToolSchemasDefinition,
  async run({ catalogue, callArguments }) {
    const slugs = [...new Set(callArguments.tool_slugs)];
    const found = slugs.flatMap((slug) => catalogue.tools.get(slug) ?? []);
    const schemas = found.map((tool) => [tool.slug, toSchemas(tool, callArguments.include_output)] as const);
    checkSize(schemas);
    const missing = slugs.filter((slug) => !catalogue.tools.has(slug));
    const notFound: JsonObject[] = [];
    // The names are looked up one after the other, because each takes a search.
    for (const slug of missing) notFound.push({ slug, did_you_mean: await nearestTools(catalogue, slug) });
    return { outcome: succeeded({ schemas: Object.fromEntries(schemas), not_found: notFound }) };
  },
};

function toSchemas({ hosted: { tool } }: CatalogueTool, includesOutput: boolean): JsonObject {
  const { description = '', inputSchema, outputSchema, annotations = {}, isUnreviewed } = tool;
  return {
    description,
    input_schema: inputSchema,
    annotations: annotations as JsonObject,
    ...(isUnreviewed && { unreviewed: true }),
    ...(includesOutput && outputSchema !== undefined ? { output_schema: outputSchema } : {}),
  };
}

/** A single tool is always reported, however large: otherwise it could not be called. */
function checkSize(schemas: readonly (readonly [string, Json])[]): void {
  const sizes = schemas.map(([slug, schema]) => ({ slug, bytes: Buffer.byteLength(JSON.stringify(schema)) }));
  const bytes = sizes.reduce((sum, each) => sum + each.bytes, 0);
  if (bytes <= ANSWER_BYTES_MAX || sizes.length === 1) return;
  const reported = sizes.map(({ slug, bytes: each }) => `${slug} ${Math.ceil(each / 1024)} KB`).join(', ');
  throw new AppError(
    'output_too_large',
    `These schemas are too large for one answer (${reported}); ask for fewer at once`,
  );
}
