import { isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import { _, type Ajv2020, type Code, type KeywordCxt, Name, nil } from 'ajv/dist/2020.js';
import type { WorkBudget } from './work.ts';

/** Units for applying a schema, whatever it contains. */
const APPLICATION = 20;
/** Units for calling the function of another schema. */
const CALL = 50;
/** Units for recording a violation, charged if all violations are wanted. This includes its memory. */
const VIOLATION = 500;
/** Units for checking for a property that the schema names. */
const NAME = 5;
/** Units for each property of the value in a loop over all properties. */
const PROPERTY = 100;
/** Units for counting a character. */
const CHARACTER = 2;
/** Units for each character of a default, which is filled in again for each object. This includes its memory. */
const DEFAULT_CHARACTER = 10;
/** Units for recording that a property was evaluated, for `unevaluatedProperties`. */
const EVALUATED = 20;

/** How many times slower code runs if the engine only interprets it. */
const INTERPRETED = 5;

/**
 * Makes the code that the library generates charge for its work: for each schema that it applies, again in every
 * iteration of a loop, and for keywords whose work grows with the schema or with the value.
 */
export function meterKeywords(ajv: Ajv2020, work: WorkBudget, { isLarge }: { isLarge: boolean }): void {
  const scale = isLarge ? INTERPRETED : 1;
  for (const rule of Object.values(ajv.RULES.all)) {
    if (typeof rule !== 'object' || !('code' in rule.definition)) continue;
    const { definition } = rule;
    const generate = definition.code;
    definition.code = (cxt, type) => {
      const units = costs[cxt.keyword]?.(cxt);
      if (units !== undefined) charge(cxt, work, typeof units === 'number' ? units * scale : units);
      meterApplications(cxt, work, APPLICATION * scale);
      if (cxt.keyword === '$ref') meterCall(cxt, work);
      generate(cxt, type);
    };
  }
}

function meterApplications(cxt: KeywordCxt, work: WorkBudget, application: number): void {
  const { subschema, mergeEvaluated, keyword, it } = cxt;
  const units = it.allErrors ? _`${application} + ${costOfViolation(cxt)}` : application;
  // If only the first violation is wanted, nobody reads why a branch or an item does not match.
  const isUnread = !it.allErrors && ['anyOf', 'oneOf', 'contains'].includes(keyword);
  cxt.subschema = (applied, valid) => {
    charge(cxt, work, units);
    return subschema.call(cxt, isUnread ? { ...applied, createErrors: false } : applied, valid);
  };
  cxt.mergeEvaluated = (...merged) => {
    mergeEvaluated.apply(cxt, merged);
    chargeEvaluated(cxt, work);
  };
}

function meterCall(cxt: KeywordCxt, work: WorkBudget): void {
  const { result } = cxt;
  cxt.result = (condition, succeed, fail) => {
    // The function receives the path to the value.
    charge(cxt, work, _`${CALL}${costOfPlace(cxt)}`);
    const end = (next: typeof succeed, finish: () => void) => () => {
      next?.();
      finish();
    };
    result.call(
      cxt,
      condition,
      end(succeed, () => chargeEvaluated(cxt, work)),
      // For each call, the library copies the violations that it has already found.
      end(fail, () => charge(cxt, work, _`${CALL} + ${errors}`)),
    );
  };
}

/** Charges without a function call, because there are many charges. */
function charge({ gen }: KeywordCxt, work: WorkBudget, units: Code | number): void {
  const name = gen.scopeValue('obj', { ref: work });
  gen.code(_`if ((${name}.unitsLeft -= ${units}) < 0) ${name}.refuse()`);
}

function chargeEvaluated(cxt: KeywordCxt, work: WorkBudget): void {
  const { props } = cxt.it;
  if (props instanceof Name) charge(cxt, work, _`Object.keys(${props} || {}).length * ${EVALUATED}`);
}

const errors = new Name('errors');

function costOfViolation(cxt: KeywordCxt): Code {
  return _`${VIOLATION}${costOfPlace(cxt)}`;
}

/**
 * Returns the cost of a path: names in the value may be long, and the library searches them for characters to escape.
 */
function costOfPlace({ it }: KeywordCxt): Code {
  const ofValue = it.dataPathArr.filter((part) => typeof part === 'object' && Object.keys(part.names).length > 0);
  return ofValue.reduce<Code>((sum, part) => _`${sum} + (${part}.length >> 5)`, nil);
}

/** The cost of a keyword itself, in addition to the schemas that it applies. */
const costs: { readonly [keyword: string]: (cxt: KeywordCxt) => Code | number } = {
  properties: ({ schema }) => Object.keys(schema).length * NAME + lengthOfDefaults(schema) * DEFAULT_CHARACTER,
  dependentSchemas: ({ schema }) => Object.keys(schema).length * NAME,
  required: (cxt) => costOfNames(cxt, cxt.schema.length),
  dependentRequired: costOfDependencies,
  dependencies: costOfDependencies,
  minLength: costOfLength,
  maxLength: costOfLength,
  minProperties: (cxt) => costOfProperties(cxt),
  maxProperties: (cxt) => costOfProperties(cxt),
  propertyNames: (cxt) => costOfProperties(cxt),
  additionalProperties: (cxt) => costOfProperties(cxt),
  patternProperties: (cxt) => costOfProperties(cxt, Object.keys(cxt.schema).length),
  unevaluatedProperties: (cxt) => costOfProperties(cxt, 1 + namesOf(cxt.it.props).length),
};

function namesOf(evaluated: KeywordCxt['it']['props']): string[] {
  return evaluated instanceof Name || evaluated === undefined ? [] : Object.keys(evaluated);
}

function lengthOfDefaults(properties: JsonObject): number {
  const defaults = Object.values(properties).flatMap((schema) =>
    isJsonObject(schema) ? (schema['default'] ?? []) : [],
  );
  return JSON.stringify(defaults).length;
}

function costOfDependencies(cxt: KeywordCxt): Code | number {
  const names = Object.entries<Json>(cxt.schema).flat(2);
  return costOfNames(cxt, names.length);
}

function costOfNames(cxt: KeywordCxt, count: number): Code | number {
  return cxt.it.allErrors ? _`${count} * (${costOfViolation(cxt)})` : count * NAME;
}

function costOfLength({ data }: KeywordCxt): Code {
  return _`${data}.length * ${CHARACTER}`;
}

function costOfProperties(cxt: KeywordCxt, times = 1): Code {
  const each = cxt.it.allErrors ? _`(${times * PROPERTY} + ${costOfViolation(cxt)})` : _`${times * PROPERTY}`;
  return _`Object.keys(${cxt.data}).length * ${each}`;
}
