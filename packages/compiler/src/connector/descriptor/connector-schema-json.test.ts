import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { edited, ticketSystem } from '../connector.example.ts';
import { connectorSchemaJson } from './connector-schema-json.ts';

const folder = new URL('../../../testdata/', import.meta.url);
const descriptors = readdirSync(folder).filter((file) => file.endsWith('.connector.yaml'));

type Field = { path: string; description: unknown; words: unknown[] };

/** Returns all members that a schema names, except those of annotations, which MCP defines. */
function fieldsOf(schema: Json | undefined, path: string): Field[] {
  if (!isJsonObject(schema) || path.endsWith('/annotations')) return [];
  const { properties, items, oneOf, anyOf } = schema;
  const inside = [items, oneOf, anyOf].flat().flatMap((each) => fieldsOf(each, path));
  if (!isJsonObject(properties)) return inside;
  const own = Object.entries(properties).flatMap(([key, member]) => {
    const at = `${path}/${key}`;
    return isJsonObject(member) ? [toField(at, member), ...fieldsOf(member, at)] : [];
  });
  return [...own, ...inside];
}

function toField(path: string, member: JsonObject): Field {
  const { description, items } = member;
  const { enum: words, const: word } = isJsonObject(items) ? items : member;
  return { path, description, words: [words ?? word].flat() };
}

describe('the JSON Schema of a descriptor', () => {
  const validate = new Ajv2020({ allErrors: true, strict: true }).compile(connectorSchemaJson());

  test.each(descriptors)('accepts %s', (file) => {
    validate(parse(readFileSync(new URL(file, folder), 'utf8')));
    expect(validate.errors).toBeNull();
  });

  test.each<[what: string, from: string, to: string]>([
    ['an unknown key', 'publisher:', 'publsher:'],
    ['a missing key', '  slug: "ticket-system"\n', ''],
    ['an unknown word', 'location: path', 'location: way'],
    ['a number out of range', 'limit: 1000', 'limit: 0'],
    ['a key of another authentication', 'fields:', 'token_url: https://a.example\n    fields:'],
  ])('refuses %s', (_what, from, to) => {
    expect(validate(parse(edited(from, to)))).toBe(false);
  });

  // Some programs refuse a relative id, and each control plane has its own URL.
  test('is of 2020-12 and has no id except the URL where it is', () => {
    const { $schema: dialect, $id: id } = connectorSchemaJson();
    expect([dialect, id]).toEqual(['https://json-schema.org/draft/2020-12/schema', undefined]);
  });

  test('describes each field that it names', () => {
    const fields = fieldsOf(connectorSchemaJson(), '');
    expect(fields.filter(({ description }) => description === undefined).map(({ path }) => path)).toEqual([]);
    expect(fields.length).toBeGreaterThan(100);
  });

  test.each<[path: string, words: string[]]>([
    ['/metadata/categories', ['database', 'file_storage', 'saas', 'messaging', 'analytics', 'custom']],
    ['/operations/method', ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']],
    ['/operations/body_encoding', ['json', 'form', 'multipart']],
    ['/operations/parameters/location', ['path', 'query', 'header', 'body']],
    ['/operations/parameters/field_type', ['string', 'integer', 'number', 'boolean', 'array', 'object']],
    ['/operations/parameters/style', ['repeat', 'comma']],
    ['/operations/pagination/type', ['none', 'page', 'offset', 'cursor', 'link']],
    ['/rate_limits/scope', ['per_account', 'per_instance', 'per_user', 'per_token']],
    ['/authentication/fields/field_type', ['string', 'secret', 'number', 'boolean', 'url', 'select']],
    ['/authentication/client_auth', ['basic', 'body']],
  ])('lists the words of %s, so that an editor can complete them', (path, words) => {
    const found = fieldsOf(connectorSchemaJson(), '').find((field) => field.path === path);
    expect(found?.words).toEqual(words);
  });

  test('lists the types of an authentication', () => {
    const types = fieldsOf(connectorSchemaJson(), '').filter(({ path }) => path === '/authentication/type');
    expect(types.flatMap(({ words }) => words)).toEqual([
      'none',
      'api_key',
      'bearer',
      'basic',
      'oauth2_client_credentials',
      'oauth2_authorization_code',
      'oauth2_token_exchange',
      'custom',
    ]);
  });

  test('may be named in a descriptor', () => {
    expect(validate(parse(`$schema: ../schemas/connector.json\n${ticketSystem}`))).toBe(true);
  });
});
