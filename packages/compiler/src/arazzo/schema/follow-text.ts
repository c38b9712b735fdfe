import type { Json, JsonObject } from '@toolplane/contracts';
import type { Minor } from '../model.ts';

type Schema = { [key: string]: Json };

/**
 * Relaxes the official schemas where they contradict the text of the specification or the documents that are in use.
 */
export function followText(schema: JsonObject, minor: Minor): JsonObject {
  const definitions = schema['$defs'] as Record<string, Schema>;
  const properties = (name: string) => definitions[name]?.['properties'] as Record<string, Schema>;
  const change = (name: string, changes: Schema) => Object.assign(definitions[name] ?? {}, changes);

  // Declares which schema an editor uses.
  Object.assign(schema['properties'] as Schema, { $schema: true });
  // According to the text, any type is allowed.
  Object.assign(properties('payload-replacement-object'), { value: true });
  Object.assign(properties('parameter-object'), { value: true });
  Object.assign(properties('reusable-object'), { value: true });
  // According to the text, other members of a Reusable Object are ignored.
  change('reusable-object', { unevaluatedProperties: true });
  // According to the text, a condition is simple by default, with or without a context; declaring this changes nothing.
  change('criterion-object', { dependentRequired: {}, ...contextUnlessSimple });
  for (const name of ['workflow-object', minor === 0 ? 'step-object' : 'step-object-base']) {
    const { patternProperties } = properties(name)['outputs'] as Record<string, Record<string, Schema>>;
    for (const [pattern, value] of Object.entries(patternProperties ?? {})) {
      Object.assign(patternProperties ?? {}, {
        [pattern]: { anyOf: [value, { type: ['number', 'boolean', 'null'] }] },
      });
    }
  }
  if (minor === 1) change('expression-type-object', { required: ['type'] });
  else followTextOfTypes(definitions, properties('criterion-object'));
  return schema;
}

const contextUnlessSimple = {
  if: { required: ['type'], properties: { type: { not: { const: 'simple' } } } },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
  then: { required: ['context'] },
};

/**
 * The schema of 1.0 has the members of an Expression Type Object beside `type` instead of in it, and allows fewer
 * versions.
 */
function followTextOfTypes(definitions: Record<string, Schema>, criterion: Record<string, Schema>): void {
  const words = { enum: ['simple', 'regex', 'jsonpath', 'xpath'] };
  const versions = { enum: ['rfc9535', 'draft-goessner-dispatch-jsonpath-00', ...xpathVersions] };
  const object = {
    type: 'object',
    required: ['type'],
    unevaluatedProperties: false,
    patternProperties: { '^x-': true },
    properties: { type: { enum: ['jsonpath', 'xpath'] }, version: versions },
  };
  Object.assign(criterion, { type: { anyOf: [words, object] }, version: versions });
  delete definitions['criterion-object']?.['anyOf'];
}

const xpathVersions = ['xpath-31', 'xpath-30', 'xpath-20', 'xpath-10'];
