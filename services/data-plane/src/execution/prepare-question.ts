import assert from 'node:assert';
import {
  type Ability,
  abilityFor,
  type InputRequest,
  type JsonObject,
  jsonObjectSchema,
  type PlanQuestion,
  type Template,
} from '@toolplane/contracts';
import { compileTemplate, compileUrl, type EvaluateTemplate, type EvaluateUrl } from '@toolplane/expressions';
import { compileJsonSchema, type Validate } from '@toolplane/json-schema';

export type PreparedQuestion = {
  key: string;
  method: InputRequest['method'];
  /** The capability that a client needs to be asked this question. */
  ability: Ability;
  params: EvaluateTemplate;
  /** The URL of a page to be opened. */
  url: EvaluateUrl | undefined;
  form: PreparedForm | undefined;
  isOptional: boolean;
};

/** Validates the answer to a form, and names the fields that are kept. */
export type PreparedForm = { validate: Validate; fields: ReadonlySet<string> };

export function prepareQuestion({ key, method, params, url, isOptional }: PlanQuestion): PreparedQuestion {
  const literals = literalMembers(params);
  const ability = abilityFor({ method, params: literals });
  return {
    key,
    method,
    ability,
    isOptional,
    params: compileTemplate(params),
    url: url === undefined ? undefined : compileUrl(url),
    form: ability === 'elicitation' ? compileForm(literals) : undefined,
  };
}

/** No value of a call affects the schema, so it is compiled once. */
function compileForm({ requestedSchema }: JsonObject): PreparedForm {
  const schema = jsonObjectSchema.safeParse(requestedSchema);
  assert(schema.success, 'the schema of a form is a literal');
  return { validate: compileJsonSchema(schema.data), fields: new Set(Object.keys(schema.data['properties'] ?? {})) };
}

function literalMembers(template: Template): JsonObject {
  if (template.kind === 'literal') return template.value as JsonObject;
  if (template.kind !== 'map') return {};
  return Object.fromEntries(
    template.entries.flatMap(([key, member]) => (member.kind === 'literal' ? [[key, member.value]] : [])),
  );
}
