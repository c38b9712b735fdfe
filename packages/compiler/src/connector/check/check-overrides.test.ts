import { describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { exampleConnector, type OperationInput } from '../connector.example.ts';
import type { ConnectorInput } from '../descriptor/connector-schema.ts';
import { readConnector } from '../read-connector.ts';

type ParameterInput = NonNullable<OperationInput['parameters']>[number];

const authentication: ConnectorInput['authentication'] = [
  { type: 'api_key', fields: [{ key: 'api_key', field_type: 'secret' }] },
];
const signedIn: Partial<OperationInput> = {
  auth_type_ref: 'api_key',
  auth_headers: { 'X-API-Key': '{api_key}' },
  auth_query: { api_key: '{api_key}', 'auth[key]': '{api_key}' },
};

function errorsOf(operation: Partial<OperationInput>): string[] {
  const text = stringify(exampleConnector(operation, { authentication }));
  const { diagnostics } = readConnector(text);
  return diagnostics.flatMap(({ severity, code, pointer }) => {
    return severity === 'error' ? `${code} ${pointer.replace('/operations/0/', '')}` : [];
  });
}

// Servers read names in different ways: they may ignore case, read `a[]` and `a[b]` as parts of `a`, and read `_` in a
// header as `-`.
describe('no parameter takes the place of credentials', () => {
  test.each<[name: string, location: 'query' | 'header', reported: string]>([
    ['api_key', 'query', 'credential_query'],
    ['API_Key', 'query', 'credential_query'],
    ['api_key[]', 'query', 'credential_query'],
    ['auth', 'query', 'credential_query'],
    ['Auth[key]', 'query', 'credential_query'],
    ['x-api-key', 'header', 'credential_header'],
    ['X_API_KEY', 'header', 'credential_header'],
    ['authorization', 'header', 'credential_header'],
  ])('%s in the %s', (name, location, reported) => {
    expect(errorsOf({ ...signedIn, parameters: [{ name, location }] })).toEqual([`${reported} parameters/0/name`]);
    const renamed: ParameterInput = { name: 'a', send_as: name, location };
    expect(errorsOf({ ...signedIn, parameters: [renamed] })).toEqual([`${reported} parameters/0/send_as`]);
  });

  test('and neither does a page', () => {
    const pagination = { type: 'page', page_param: 'API_KEY' } as const;
    expect(errorsOf({ ...signedIn, pagination })).toEqual(['credential_query pagination/page_param']);
  });

  test('names that are only similar are allowed', () => {
    const parameters: ParameterInput[] = [
      { name: 'api_keys', location: 'query' },
      { name: 'X-API-Key-Id', location: 'header' },
    ];
    expect(errorsOf({ ...signedIn, parameters })).toEqual([]);
  });
});

describe('a hidden value cannot be changed', () => {
  const hidden = { hidden: true, default_value: 'user' } as const;
  const inQuery = (first: object, second: object) =>
    errorsOf({
      parameters: [
        { location: 'query', ...first },
        { location: 'query', ...second },
      ] as ParameterInput[],
    });

  test.each<[first: object, second: object]>([
    [
      { name: 'filter[role]', ...hidden },
      { name: 'filter', field_type: 'object' },
    ],
    [
      { name: 'role', send_as: 'filter[role]', ...hidden },
      { name: 'filter', schema: {} },
    ],
    [{ name: 'role', ...hidden }, { name: 'role[]' }],
  ])('no object or list contains it: %j %j', (first, second) => {
    expect(inQuery(first, second)).toEqual(['conflicting_parameter parameters/1']);
  });

  test('and no other parameter is part of it', () => {
    const whole = { name: 'filter', field_type: 'object', hidden: true, default_value: { role: 'user' } };
    expect(inQuery({ name: 'filter[role]' }, whole)).toEqual(['conflicting_parameter parameters/0']);
  });

  test('others of the same object are allowed', () => {
    expect(inQuery({ name: 'filter[role]', ...hidden }, { name: 'filter[name]' })).toEqual([]);
  });

  test.each(['form', 'multipart', 'json'] as const)('in a body of encoding %s', (encoding) => {
    const parameters: ParameterInput[] = [
      { name: 'user[role]', location: 'body', ...hidden },
      { name: 'user', location: 'body', field_type: 'object' },
      { name: 'person.role', location: 'body', ...hidden },
      { name: 'person[role]', location: 'body' },
    ];
    const expected = { form: [1, 3], multipart: [1], json: [] }[encoding];
    expect(errorsOf({ method: 'POST', body_encoding: encoding, parameters })).toEqual(
      expected.map((index) => `conflicting_parameter parameters/${index}`),
    );
  });

  test('and has to fit its schema', () => {
    const parameter = { name: 'a', hidden: true, schema: { type: 'integer' } };
    expect(inQuery({ ...parameter, default_value: 'x' }, { name: 'b' })).toEqual([
      'invalid_default parameters/0/default_value',
    ]);
    expect(inQuery({ ...parameter, schema: { type: 'text' }, default_value: 1 }, { name: 'b' })).toEqual([
      'invalid_schema parameters/0/schema/type',
    ]);
    expect(inQuery({ ...parameter, default_value: 1 }, { name: 'b' })).toEqual([]);
  });
});

// Guarantee: what a descriptor fixes in a URL reaches the API once, as it is written there.
describe('what the query of the endpoint fixes cannot be changed', () => {
  const at = (query: string, operation: Partial<OperationInput>) =>
    errorsOf({ endpoint: `https://api.example.com/x?${query}`, ...operation });

  test.each<[query: string, parameter: object]>([
    ['role=user', { name: 'role' }],
    ['a=1&r%6Fle=user', { name: 'role' }],
    ['role={config.role}', { name: 'role' }],
    ['filter[role]=user', { name: 'filter', field_type: 'object' }],
    ['role=user', { name: 'role[]' }],
  ])('%s beside the parameter %j', (query, parameter) => {
    const parameters = [{ location: 'query', ...parameter }] as ParameterInput[];
    expect(at(query, { parameters })).toEqual(['conflicting_parameter parameters/0/name']);
  });

  test('others of the same object are allowed, and those in another place', () => {
    const parameters: ParameterInput[] = [
      { name: 'filter[name]', location: 'query' },
      { name: 'role', location: 'header' },
    ];
    expect(at('filter[role]=user&role=user', { parameters })).toEqual([]);
  });

  test.each(['api_key=1', 'API_KEY=1', 'api_key[]=1', 'auth=1'])('%s beside a credential', (query) => {
    expect(at(query, signedIn)).toEqual(['credential_query endpoint']);
  });
});
