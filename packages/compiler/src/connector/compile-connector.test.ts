import { describe, expect, test } from '@jest/globals';
import { type PlanStep, planSchema } from '@toolplane/contracts';
import { compileTemplate, compileUrl } from '@toolplane/expressions';
import { cpuMs } from '@toolplane/loopback/cpu-time';
import fc from 'fast-check';
import { parse } from 'yaml';
import { compileDocument } from '../compile-document.ts';
import {
  compileExample,
  compileTool,
  exampleConnector,
  exampleOptions,
  ticketSystem,
  toLine,
} from './connector.example.ts';
import type { ConnectorInput } from './descriptor/connector-schema.ts';
import { mutatedDescriptors } from './mutations.example.ts';

describe('a connector as a document', () => {
  test('is recognized by its metadata, and needs an instance', () => {
    const { connector, ...options } = exampleOptions();
    const { diagnostics, document } = compileDocument(ticketSystem, options);
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    expect(errors.map(toLine)).toEqual(['1:1 connector_needs_instance']);
    expect([document, connector?.instanceId]).toEqual([undefined, 'i']);
  });

  test('reports everything that is wrong before it asks for an instance', () => {
    const { connector: _, ...options } = exampleOptions();
    const text = ticketSystem.replace('server_name', 'name').replace('auth_type_ref: api_key', 'auth_type_ref: x');
    const codes = compileDocument(text, options).diagnostics.flatMap((each) =>
      each.severity === 'error' ? each.code : [],
    );
    expect(codes).toEqual(['connector_needs_instance', 'unknown_authentication', 'missing_key', 'unknown_key']);
  });

  test('in JSON may be larger than other documents', () => {
    const value = parse(ticketSystem);
    const options = exampleOptions({ authentication: 'api_key' });
    const padded = { ...value, capabilities: { padding: 'x'.repeat(2 * 1024 * 1024) } };
    expect(compileDocument(JSON.stringify(padded), options).document?.tools).toHaveLength(3);
    const [flower] = compileDocument(JSON.stringify({ ...padded, flower: '0.1' }), options).diagnostics;
    expect(flower?.code).toBe('document_too_large');
  });

  test('has the name and the texts of its server', () => {
    const { document } = compileExample(exampleConnector({}));
    expect(document).toMatchObject({ id: 'example', title: 'example', description: 'An example' });
  });

  test('has no tools if it is not enabled', () => {
    const connector = exampleConnector({});
    connector.mcp_config = { ...connector.mcp_config, enabled: false };
    expect(compileExample(connector).document).toEqual({ id: 'example', tools: [] });
    const { mcp_config: _, ...rest } = connector;
    expect(compileExample(rest).document).toEqual({ id: 'example', tools: [] });
  });
});

describe('the authentication of an instance', () => {
  const bearer = { type: 'bearer', fields: [{ key: 'token', field_type: 'secret' }] } as const;
  const connector = exampleConnector(
    { auth_type_ref: 'bearer' },
    { authentication: [bearer as unknown as NonNullable<ConnectorInput['authentication']>[number]] },
  );

  test('decides which operations are tools', () => {
    const { document, diagnostics } = compileExample(connector);
    expect(document?.tools).toEqual([]);
    expect(diagnostics.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'operation_left_out /mcp_config/route_mappings/0/operation_id',
      'caller_token_passed_on /authentication/0',
    ]);
    expect(compileExample(connector, { authentication: 'bearer' }).document?.tools).toHaveLength(1);
  });

  test('must be one of the connector', () => {
    const { document, diagnostics } = compileExample(connector, { authentication: 'basic' });
    expect(document).toBeUndefined();
    expect(diagnostics.map(({ code }) => code)).toContain('unknown_authentication');
  });
});

describe('the configuration of an instance', () => {
  type Configuration = Record<string, string | number | boolean>;

  function urlOf(endpoint: string, configuration: Configuration): unknown {
    const parameters = endpoint.includes('{id}') ? [{ name: 'id', location: 'path' as const }] : [];
    const { plan } = compileTool(exampleConnector({ endpoint, parameters }), { configuration });
    const url = plan.steps[0]?.request?.url;
    expect(planSchema.parse(plan)).toEqual(plan);
    return url?.kind === 'operation' ? url.parts : undefined;
  }

  test.each<[endpoint: string, configuration: Configuration, parts: unknown]>([
    ['https://{config.site}.example.com/{id}', { site: 'acme' }, ['https://acme.example.com/', { parameter: 'id' }]],
    ['https://{config.host}/a', { host: 'a.example.com:8443' }, ['https://a.example.com:8443/a']],
    ['https://a.example/{config.team}/x', { team: 'a b/c' }, ['https://a.example/a%20b%2Fc/x']],
    ['https://a.example/?v={config.v}&w=1', { v: '1&x=2' }, ['https://a.example/?v=1%26x%3D2&w=1']],
    ['{config.base}/v1/{id}', { base: 'http://a.example/api/' }, ['http://a.example/api/v1/', { parameter: 'id' }]],
    ['https://a.example:{config.port}/', { port: 8080 }, ['https://a.example:8080/']],
  ])('is inserted into %s', (endpoint, configuration, parts) => {
    expect(urlOf(endpoint, configuration)).toEqual(parts);
  });

  test.each<[endpoint: string, configuration: Configuration, reported: string]>([
    ['https://{config.site}.example.com/', {}, 'missing_configuration: The configuration has no "site"'],
    ['https://{config.site}.example.com/', { site: '' }, 'missing_configuration: The configuration has no "site"'],
    [
      'https://{config.site}.example.com/',
      { site: 'evil.com/' },
      'invalid_configuration: The configuration "site" is part of a host',
    ],
    [
      'https://{config.site}.example.com/',
      { site: 'a@evil' },
      'invalid_configuration: The configuration "site" is part of a host',
    ],
    ['https://a.example/{config.team}/', { team: '..' }, 'invalid_configuration: With the configuration "team"'],
    [
      'http://{config.host}/v/{config.ver}/x?t={config.q}',
      { host: 'a.example', ver: '..', q: 'b' },
      'invalid_configuration: With the configuration "ver", this',
    ],
    [
      '{config.base}/v/{config.a}{config.b}',
      { base: 'https://a.example', a: '.', b: '.' },
      'invalid_configuration: With the configuration "base" and "a" and "b", this',
    ],
    ['{config.base}/a', { base: 'ftp://a.example' }, 'invalid_configuration: The configuration "base" must be'],
    ['{config.base}/a', { base: 'https://a.example?x=1' }, 'invalid_configuration: The configuration "base" must be'],
    ['{config.base}/a', { base: 'https://u:p@a.example' }, 'invalid_configuration: The configuration "base" must be'],
    ['{config.base}/a', { base: 'a.example' }, 'invalid_configuration: The configuration "base" must be'],
  ])('does not fit %s: %j', (endpoint, configuration, reported) => {
    const { diagnostics, document } = compileExample(exampleConnector({ endpoint }), { configuration });
    expect(document).toBeUndefined();
    const [first] = diagnostics.filter(({ severity }) => severity === 'error');
    expect(`${first?.code}: ${first?.message}`).toContain(reported);
    expect(first?.pointer).toBe('/operations/0/endpoint');
  });

  test('is reported once for each key, however many URLs have it', () => {
    const operations = ['a', 'b', 'c'].map((id) => ({
      operation_id: id,
      method: 'GET' as const,
      endpoint: `https://{config.site}.example.com:{config.port}/${id}`,
    }));
    const mappings = operations.map(({ operation_id: id }) => ({
      operation_id: id,
      mcp_tool_name: `get_${id}`,
      mcp_tool_description: 'Gets one of many things by its id',
    }));
    const server = { enabled: true, server_name: 'x', server_description: 'Gets things', route_mappings: mappings };
    const connector = exampleConnector({}, { operations, mcp_config: server });
    const errors = (configuration: Configuration) =>
      compileExample(connector, { configuration }).diagnostics.map(({ code, message }) => `${code} ${message}`);
    expect(errors({ port: 1 })).toEqual(['missing_configuration The configuration has no "site"']);
    expect(errors({ site: 'a:b', port: 1 })).toEqual([expect.stringContaining('":" and a port')]);
    expect(errors({ site: 'a', port: 1 })).toEqual([]);
  });

  test('has no unknown key', () => {
    const { diagnostics, document } = compileExample(exampleConnector({ endpoint: 'https://{config.site}.example/' }), {
      configuration: { site: 'a', sites: 'b', other: 'c' },
    });
    expect(document).toBeUndefined();
    expect(diagnostics.map(({ code, message, hint }) => `${code} ${message}: ${hint}`)).toEqual([
      'unknown_configuration The connector has no configuration "sites": Did you mean "site"?',
      'unknown_configuration The connector has no configuration "other": It has: site.',
    ]);
  });

  test.each<[field: object, fits: Configuration[string][], fitsNot: Configuration[string][]]>([
    [{}, ['a', '7'], [7, true]],
    [{ field_type: 'number' }, [7, '7', -1.5], ['x', '0x7', true, '7 ']],
    [{ field_type: 'boolean' }, [true, 'false'], ['yes', 1]],
    [{ field_type: 'url' }, ['https://a.example/x'], ['a.example', 'ftp://a.example', 7]],
    [{ field_type: 'select', options: ['eu', 'us'] }, ['eu'], ['asia', 'EU', 7]],
  ])('has values of the declared type: %j', (field, fits, fitsNot) => {
    const { metadata } = exampleConnector({});
    const configuration = [{ key: 'it', ...field }] as ConnectorInput['metadata']['configuration'];
    const connector = exampleConnector({}, { metadata: { ...metadata, configuration } });
    const reported = (it: Configuration[string]) =>
      compileExample(connector, { configuration: { it } }).diagnostics.map(({ code }) => code);
    for (const value of fits) expect(reported(value)).toEqual([]);
    for (const value of fitsNot) expect(reported(value)).toEqual(['invalid_configuration']);
  });

  test('is what the descriptor declares, with its defaults', () => {
    const { metadata } = exampleConnector({});
    const configuration = [
      { key: 'region', field_type: 'select', options: ['eu', 'us'], default_value: 'eu' },
      { key: 'team', required: true },
    ] as const;
    const connector = exampleConnector(
      { endpoint: 'https://{config.region}.example.com/' },
      {
        metadata: {
          ...metadata,
          configuration: configuration as unknown as ConnectorInput['metadata']['configuration'],
        },
      },
    );
    const reported = (values: Configuration) =>
      compileExample(connector, { configuration: values }).diagnostics.map(({ code, pointer }) => `${code} ${pointer}`);
    expect(reported({ team: 'a' })).toEqual([]);
    expect(reported({})).toEqual(['missing_configuration /metadata/configuration/1']);
    expect(reported({ team: 'a', region: 'asia' })).toEqual(['invalid_configuration /metadata/configuration/0']);
  });
});

test('whatever a descriptor contains, its plans fit the contract', () => {
  fc.assert(
    fc.property(mutatedDescriptors(), (text) => {
      const { diagnostics, document } = compileDocument(text, exampleOptions({ authentication: 'api_key' }));
      expect(document === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
      for (const { plan } of document?.tools ?? []) {
        expect(planSchema.parse(plan)).toEqual(plan);
        for (const step of plan.steps) prepare(step);
      }
    }),
    { numRuns: 200 },
  );
});

/** Does what the data plane does with a plan before it runs it. */
function prepare({ request, pagination, outputs }: PlanStep): void {
  if (request !== undefined) compileUrl(request.url);
  const templates = [...(request?.headers ?? []), ...(request?.query ?? []), ...outputs].map(
    ([, template]) => template,
  );
  for (const template of [...templates, pagination?.items, pagination?.nextCursor, request?.body]) {
    if (template !== undefined) compileTemplate(template);
  }
}

test('a connector of two thousand tools compiles in time', () => {
  const operations = Array.from({ length: 2000 }, (_, index) => ({
    operation_id: `operation_${index}`,
    endpoint: `https://api.example.com/${index}/{id}`,
    method: 'GET' as const,
    parameters: [
      { name: 'id', location: 'path' as const, description: 'Which one' },
      { name: 'fields', location: 'query' as const, field_type: 'array' as const, items: { type: 'string' } },
    ],
  }));
  const mappings = operations.map(({ operation_id: id }) => ({
    operation_id: id,
    mcp_tool_name: id,
    mcp_tool_description: 'Gets one of many things by its id',
  }));
  const connector = exampleConnector(
    {},
    { operations, mcp_config: { enabled: true, server_name: 'x', route_mappings: mappings } },
  );
  const startMs = cpuMs();
  const { document } = compileDocument(JSON.stringify(connector), exampleOptions());
  expect(document?.tools).toHaveLength(2000);
  expect(cpuMs() - startMs).toBeLessThan(16_000);
});
