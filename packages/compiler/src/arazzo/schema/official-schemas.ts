import { canonicalJson, type Json, type JsonObject } from '@toolplane/contracts';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Minor } from '../model.ts';
import { followText } from './follow-text.ts';
import schema10 from './schema-1.0.json' with { type: 'json' };
import schema11 from './schema-1.1.json' with { type: 'json' };

/**
 * The JSON Schemas of the OpenAPI Initiative for Arazzo documents; `SOURCE.txt` describes their origin. They are
 * compiled when the first document of their version is read.
 */

const SCHEMAS: Readonly<Record<Minor, JsonObject>> = { 0: schema10, 1: schema11 };

const validators = new Map<string, ValidateFunction>();

export function officialValidator(minor: Minor, { allErrors }: { allErrors: boolean }): ValidateFunction {
  const key = `1.${minor} ${allErrors}`;
  const known = validators.get(key);
  if (known !== undefined) return known;
  const validate = createAjv(allErrors).compile(followText(structuredClone(SCHEMAS[minor]), minor));
  validators.set(key, validate);
  return validate;
}

function createAjv(allErrors: boolean): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors,
    ownProperties: true,
    strict: false,
    validateFormats: false,
    validateSchema: false,
    logger: false,
  });
  // The library compares each pair of items.
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (isUnique: boolean, items: Json[]) =>
      !isUnique || new Set(items.map((item) => canonicalJson(item))).size === items.length,
    error: { message: 'must not have duplicate items' },
  });
  return ajv;
}
