import { strict as assert } from 'node:assert';
import type { Json } from '@toolplane/contracts';
import { _, Ajv2020, type CodeKeywordDefinition, type KeywordCxt, str } from 'ajv/dist/2020.js';
import type { SchemaTraits } from './check-schema.ts';
import { hasDistinctItems, isStructure, toMembership } from './equality.ts';
import { toIsMultiple } from './is-multiple.ts';
import { meterKeywords } from './meter-keywords.ts';
import { createPattern } from './pattern.ts';
import type { WorkBudget } from './work.ts';

/** Up to this number, allowed values are compared one by one, which is faster for few values. */
const COMPARED_MAX = 16;
/** A schema with up to this many keywords is compiled again at each `$ref` to it. */
const INLINED_MAX = 30;
/** The number of schemas above which V8 only interprets the long function that is generated from them. */
const OPTIMIZED_MAX = 100;

/** Creates one Ajv instance per schema: a shared instance would keep every schema that it has ever compiled. */
export function createAjv(
  work: WorkBudget,
  { allErrors, applications, readsEvaluated, hasDefaults }: SchemaTraits & { allErrors: boolean },
): Ajv2020 {
  const regExp = Object.assign((pattern: string) => createPattern(pattern, work), { code: 'createPattern' });
  const ajv = new Ajv2020({
    allErrors,
    useDefaults: true,
    ownProperties: true,
    strict: false,
    validateFormats: false,
    meta: false,
    validateSchema: false,
    logger: false,
    // Inside a choice no defaults are filled in, but the separate function of a referenced schema would not know this.
    inlineRefs: hasDefaults || INLINED_MAX,
    // Removing unneeded code takes longer than compiling it.
    code: { regExp, optimize: false },
  });
  // If this is on, each branch of a choice is tried, even after one that matches.
  ajv.opts.unevaluated = readsEvaluated;
  redefine(ajv, 'enum', ({ code }) => ({
    code: (cxt) => {
      const allowed: Json[] = cxt.schema;
      const isShort = allowed.length <= COMPARED_MAX && !allowed.some(isStructure);
      return isShort ? code(cxt) : passIf(cxt, toMembership(allowed, work));
    },
  }));
  redefine(ajv, 'const', ({ code }) => ({
    code: (cxt) => (isStructure(cxt.schema) ? passIf(cxt, toMembership([cxt.schema], work)) : code(cxt)),
  }));
  // The library compares each pair of items.
  redefine(ajv, 'uniqueItems', () => ({
    code: (cxt) => (cxt.schema ? passIf(cxt, (items: Json[]) => hasDistinctItems(items, work)) : undefined),
    error: { message: 'must not have duplicate items' },
  }));
  // The library divides doubles.
  redefine(ajv, 'multipleOf', () => ({
    code: (cxt) => passIf(cxt, toIsMultiple(cxt.schema, work)),
    error: { message: ({ schemaCode }) => str`must be multiple of ${schemaCode}` },
  }));
  meterKeywords(ajv, work, { isLarge: applications > OPTIMIZED_MAX });
  return ajv;
}

/** Redefines a keyword in place, because the order of keywords determines the order of violations. */
function redefine(
  ajv: Ajv2020,
  keyword: string,
  change: (definition: CodeKeywordDefinition) => Pick<CodeKeywordDefinition, 'code' | 'error'>,
): void {
  const rule = ajv.RULES.all[keyword];
  assert(typeof rule === 'object' && 'code' in rule.definition);
  Object.assign(rule.definition, change(rule.definition));
}

function passIf<Value extends Json>(cxt: KeywordCxt, test: (value: Value) => boolean): void {
  cxt.pass(_`${cxt.gen.scopeValue('keyword', { ref: test })}(${cxt.data})`);
}
