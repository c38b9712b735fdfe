import { describe, expect, test } from '@jest/globals';
import type { PlanPagination, PlanStep } from '@toolplane/contracts';
import { compileTool, exampleConnector, type OperationInput } from '../connector.example.ts';

function stepOf(operation: Partial<OperationInput>): PlanStep {
  const [step] = compileTool(exampleConnector(operation)).plan.steps;
  if (step === undefined) throw new Error('There is no step');
  return step;
}

const body = { kind: 'reference', path: ['response', 'body'] };
const picked = (text: string) => ({ kind: 'jmespath', expression: `$."response"."body" | ${text}` });

describe('the result of a tool', () => {
  test('is the body of a 2xx response, under the name result', () => {
    const { tool, plan } = compileTool(exampleConnector({}));
    expect(plan.steps[0]).toMatchObject({ id: 'call', secrets: [], outputs: [['result', body]], actions: [] });
    expect(plan.steps[0]?.failure).toMatchObject({ actions: [], succeeds: { kind: 'and' } });
    expect(plan.outputs).toEqual([['result', { kind: 'reference', path: ['steps', 'call', 'outputs', 'result'] }]]);
    expect(tool.outputSchema).toMatchObject({ properties: { result: {} } });
  });

  test('is what is selected from it', () => {
    expect(stepOf({ response: { pick: 'items[].id', max_bytes: 5000 } })).toMatchObject({
      outputs: [['result', picked('items[].id')]],
      responseBytesMax: 5000,
    });
  });

  test('has at most 80 KiB, or as many bytes as the mapping says', () => {
    const connector = exampleConnector({});
    expect(compileTool(connector).plan.outputBytesMax).toBe(80 * 1024);
    const [mapping] = connector.mcp_config?.route_mappings ?? [];
    if (mapping !== undefined) mapping.max_output_bytes = 500;
    expect(compileTool(connector).plan.outputBytesMax).toBe(500);
  });

  test('explains a failure with what is selected from its body, otherwise with nothing of it', () => {
    expect(stepOf({ response: { error_pick: 'error.message' } }).failure?.explanation).toEqual(picked('error.message'));
    expect(stepOf({}).failure).not.toHaveProperty('explanation');
  });

  test.each<
    [type: string, pagination: NonNullable<OperationInput['pagination']>, compiled: PlanPagination | undefined]
  >([
    ['none', { type: 'none' }, undefined],
    ['link', { type: 'link' }, { type: 'link', items: body, pagesMax: 1 } as PlanPagination],
    [
      'page',
      { type: 'page', page_param: 'page', limit_param: 'size', items_path: 'data', max_pages: 5 },
      {
        type: 'page',
        parameter: 'page',
        limitParameter: 'per_page',
        items: picked('data'),
        pagesMax: 5,
      } as PlanPagination,
    ],
    [
      'offset',
      { type: 'offset', page_param: 'skip' },
      { type: 'offset', parameter: 'skip', items: body, pagesMax: 1 } as PlanPagination,
    ],
    [
      'cursor',
      { type: 'cursor', cursor_param: 'after', next_cursor_path: 'meta.next', items_path: 'data' },
      {
        type: 'cursor',
        parameter: 'after',
        items: picked('data'),
        nextCursor: picked('meta.next'),
        pagesMax: 1,
      } as PlanPagination,
    ],
  ])('is paged by %s', (_type, pagination, compiled) => {
    const step = stepOf({ pagination, parameters: [{ name: 'size', send_as: 'per_page', location: 'query' }] });
    expect(step.pagination).toEqual(compiled);
  });
});

describe('what a tool says about itself', () => {
  test.each(['GET', 'POST', 'PUT', 'DELETE'] as const)('comes from its method: %s', (method) => {
    const { tool } = compileTool(exampleConnector({ method }));
    expect([tool.annotations?.readOnlyHint, tool.annotations?.destructiveHint, tool.isRepeatable]).toEqual([
      method === 'GET',
      method === 'DELETE',
      method !== 'POST',
    ]);
    expect(tool.usesConnection).toBe(true);
  });

  test('or from its mapping', () => {
    const connector = exampleConnector({ method: 'POST' });
    for (const mapping of connector.mcp_config?.route_mappings ?? []) {
      mapping.annotations = { title: 'Call', readOnlyHint: true };
    }
    expect(compileTool(connector).tool.annotations).toEqual({
      title: 'Call',
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: true,
    });
  });
});
