import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { edited, ticketSystem } from '../connector.example.ts';
import { connectorSchemaJson } from './connector-schema-json.ts';

const folder = new URL('../../../testdata/', import.meta.url);
const descriptors = readdirSync(folder).filter((file) => file.endsWith('.connector.yaml'));

describe('the JSON Schema of a descriptor', () => {
  const validate = new Ajv2020({ allErrors: true, strictTypes: false }).compile(connectorSchemaJson());

  test.each(descriptors)('accepts %s', (file) => {
    validate(parse(readFileSync(new URL(file, folder), 'utf8')));
    expect(validate.errors).toBeNull();
  });

  test.each<[what: string, from: string, to: string]>([
    ['an unknown key', 'publisher:', 'publsher:'],
    ['a missing key', '  slug: "ticket-system"\n', ''],
    ['an unknown word', 'location: path', 'location: way'],
    ['a number out of its range', 'limit: 1000', 'limit: 0'],
    ['a key of another authentication', 'fields:', 'token_url: https://a.example\n    fields:'],
  ])('refuses %s', (_what, from, to) => {
    expect(validate(parse(edited(from, to)))).toBe(false);
  });

  test('is of 2020-12 and names itself', () => {
    const { $schema: dialect, $id: id } = connectorSchemaJson();
    expect([dialect, id]).toEqual(['https://json-schema.org/draft/2020-12/schema', '/schemas/connector.json']);
  });

  test('describes what it names', () => {
    const text = JSON.stringify(connectorSchemaJson());
    expect(text.match(/"description":"/g)?.length).toBeGreaterThan(50);
  });

  test('may be named in a descriptor', () => {
    expect(validate(parse(`$schema: ../schemas/connector.json\n${ticketSystem}`))).toBe(true);
  });
});
