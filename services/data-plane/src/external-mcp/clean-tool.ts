import {
  type ExternalTool,
  externalLimits,
  isJsonObject,
  type Json,
  type JsonObject,
  type ToolAnnotations,
} from '@toolplane/contracts';
import { compileJsonSchema, JsonSchemaError } from '@toolplane/json-schema';
import { cleanText, type Flag } from './clean-text.ts';
import { cleanShown, type Declared, NotUsable } from './declared.ts';
import { extractParameterHeaders } from './extract-parameter-headers.ts';

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;
const HASHED = ['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const;

/**
 * Throws `NotUsable` for a tool whose arguments could not be checked here, or that needs something that is not passed
 * on.
 */
export function cleanTool(declared: Declared): ExternalTool {
  const { name, inputSchema, outputSchema, annotations, execution } = declared;
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new NotUsable(
      'Its name has characters other than letters, digits, _ . and -, or is longer than 128 characters',
    );
  }
  if (isJsonObject(execution) && execution['taskSupport'] === 'required') {
    throw new NotUsable('It runs only as a task, and tasks of external servers are not passed on');
  }
  if (!isJsonObject(inputSchema)) throw new NotUsable('It has no input schema');
  const { digest, flags = [], ...shown } = cleanShown(declared, HASHED);
  const { schema, headers: parameterHeaders } = extractParameterHeaders(inputSchema);
  const input = cleanSchema(schema, 'inputSchema');
  const output =
    isJsonObject(outputSchema) && outputSchema['type'] === 'object'
      ? cleanSchema(outputSchema, 'outputSchema')
      : undefined;
  const allFlags = [...new Set([...flags, ...input.flags, ...(output?.flags ?? [])])];
  return {
    name,
    ...shown,
    digest,
    inputSchema: { ...input.schema, type: 'object' },
    ...(output === undefined ? {} : { outputSchema: output.schema }),
    ...(isJsonObject(annotations) ? { annotations: cleanAnnotations(annotations) } : {}),
    ...(allFlags.length === 0 ? {} : { flags: allFlags }),
    ...(parameterHeaders.length === 0 ? {} : { parameterHeaders }),
  };
}

function cleanAnnotations(annotations: JsonObject): ToolAnnotations {
  const { title } = annotations;
  const hints = (['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'] as const).flatMap((name) => {
    const value = annotations[name];
    return typeof value === 'boolean' ? [[name, value] as const] : [];
  });
  const named =
    typeof title === 'string'
      ? { title: cleanText(title, { lengthMax: externalLimits.titleLengthMax, isOneLine: true }).text }
      : {};
  return { ...named, ...Object.fromEntries(hints) };
}

type CleanSchema = { schema: JsonObject; flags: Flag[] };

/**
 * Cleans the texts of a schema like any other, and checks that it compiles: with internal references only, and with
 * patterns in linear time (B117).
 */
function cleanSchema(schema: JsonObject, name: string): CleanSchema {
  checkExtent(schema, name);
  const flags = new Set<Flag>();
  const cleaned = cleanTexts(schema, flags) as JsonObject;
  try {
    compileJsonSchema(cleaned, { forFewValues: true });
  } catch (thrown) {
    if (!(thrown instanceof JsonSchemaError)) throw thrown;
    throw new NotUsable(
      `Its ${name} cannot be used: ${cleanText(thrown.message, { lengthMax: 200, isOneLine: true }).text}`,
    );
  }
  return { schema: cleaned, flags: [...flags] };
}

function checkExtent(schema: JsonObject, name: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(schema));
  if (bytes <= externalLimits.schemaBytesMax) return;
  throw new NotUsable(`Its ${name} has ${bytes} bytes; the limit is ${externalLimits.schemaBytesMax}`);
}

const TEXTS = new Set(['title', 'description', '$comment']);

/**
 * Cleans the texts that a model reads. Values that a schema allows are compared, and names are used in calls, so they
 * stay as they are: a value with invisible characters is flagged, and a name with such characters is refused.
 */
function cleanTexts(value: Json, flags: Set<Flag>): Json {
  if (Array.isArray(value)) return value.map((item) => cleanTexts(item, flags));
  if (typeof value === 'string' && isHiding(value)) flags.add('hidden');
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (isHiding(key)) throw new NotUsable('A name in its schemas has invisible characters');
      if (!TEXTS.has(key) || typeof member !== 'string') return [key, cleanTexts(member, flags)];
      const cleaned = cleanText(member, { lengthMax: externalLimits.descriptionLengthMax });
      for (const flag of cleaned.flags) flags.add(flag);
      return [key, cleaned.text];
    }),
  );
}

function isHiding(text: string): boolean {
  return cleanText(text, { lengthMax: Number.POSITIVE_INFINITY }).flags.length > 0;
}
