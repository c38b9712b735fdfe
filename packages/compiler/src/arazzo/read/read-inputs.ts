import { appendPointer, isJsonObject, type JsonObject } from '@toolplane/contracts';
import { toDialect, type Validate } from '@toolplane/json-schema';
import { Part } from '../../document/part.ts';
import { checkMcpHeaders } from '../../flower/check/check-mcp-headers.ts';
import { checkExamples } from '../../flower/read/check-examples.ts';
import { withExamples } from '../../flower/read/examples.ts';
import { propertyViolations } from '../../flower/read/property-violations.ts';
import { compileInputs } from '../../tools/compile-inputs.ts';
import type { SchemaReferences } from './schema-references.ts';

/** Reads the JSON Schema of a workflow's inputs. The result is self-contained and has an object at its root. */
export function readInputs(part: Part | undefined, references: SchemaReferences): JsonObject | undefined {
  if (part?.object() === undefined) return undefined;
  const { schema: inlined, isWhole, canBeChecked } = references.inline(asReference(part));
  if (inlined['type'] !== undefined && inlined['type'] !== 'object') {
    const hint = 'The arguments of a tool are one object: remove "type" or write type: object.';
    (part.member('type') ?? part).error('invalid_inputs', 'The inputs of a workflow are an object', hint);
    return undefined;
  }
  const schema = { type: 'object', ...withExamples(at(part, inlined)) };
  const validate = canBeChecked ? compileInputs(part, schema, 'invalid_inputs') : undefined;
  if (validate === undefined || !isWhole) return schema;
  checkExamples(at(part, schema), validate);
  checkMcpHeaders(at(part, schema));
  return toDialect(withoutInvalidDefaults(part, schema, validate));
}

/** Checks a schema of the components, which may have any type. */
export function checkSchema(part: Part, references: SchemaReferences): void {
  if (!isJsonObject(part.value)) return;
  const { schema, isWhole, canBeChecked } = references.inline(part);
  const validate = canBeChecked ? compileInputs(part, schema, 'invalid_inputs') : undefined;
  if (validate === undefined || !isWhole) references.markBroken(part);
}

/** A Reusable Object is not allowed here, but other tools treat it as a `$ref`. */
function asReference(part: Part): Part {
  const reference = part.member('reference');
  const text = typeof reference?.value === 'string' ? reference.value : '';
  const [, name] = /^\$components\.inputs\.(.+)$/.exec(text) ?? [];
  if (reference === undefined || name === undefined || part.member('$ref') !== undefined) return part;
  const hint = `Write $ref: "#/components/inputs/${name}".`;
  reference.warn('wrong_reference', 'Inputs are a JSON Schema, which refers to others by "$ref"', hint, { at: 'key' });
  return at(part, { $ref: `#/components/inputs/${encodeURIComponent(name)}` });
}

function at({ pointer, problems }: Part, value: JsonObject): Part {
  return new Part(value, pointer, problems);
}

/**
 * Removes invalid defaults: a default that violates its own schema, often null, would fail every call that omits the
 * input.
 */
function withoutInvalidDefaults(part: Part, schema: JsonObject, validate: Validate): JsonObject {
  const { properties } = schema;
  const violations = propertyViolations(validate, {});
  if (violations.length === 0 || !isJsonObject(properties)) return schema;
  const valid = { ...properties };
  for (const { name, message } of violations) {
    const property = valid[name];
    if (!isJsonObject(property) || !Object.hasOwn(property, 'default')) continue;
    const { default: _invalid, ...rest } = property;
    valid[name] = rest;
    const pointer = `${appendPointer(`${part.pointer}/properties`, name)}/default`;
    part.problems.warn(
      'invalid_default',
      pointer,
      `The default of "${name}" ${message}`,
      'It is left out: correct it.',
    );
  }
  return { ...schema, properties: valid };
}
