import { describe, expect, test } from '@jest/globals';
import { read, withStep, withWorkflow } from './read.example.ts';

const components = {
  parameters: { limit: { name: 'limit', in: 'query', value: 10 }, 'a.b': { name: 'token', value: '$inputs.token' } },
  successActions: { stop: { name: 'stop', type: 'end' } },
  failureActions: { again: { name: 'again', type: 'retry', retryLimit: 3 } },
};

describe('a Reusable Object', () => {
  const at = '/workflows/0/steps/0';

  test('stands for the component at the place where it is used', () => {
    const step = {
      parameters: [{ reference: '$components.parameters.limit' }],
      onSuccess: [{ reference: '$components.successActions.stop' }],
      onFailure: [{ reference: '$components.failureActions.again' }],
    };
    const { document, errors, warnings } = read(withStep(step, { components }));
    expect([errors, warnings]).toEqual([[], []]);
    const [read0] = document?.workflows[0]?.steps ?? [];
    expect(read0?.parameters).toMatchObject([{ name: 'limit', in: 'query', value: { value: 10 } }]);
    expect(read0?.onSuccess).toMatchObject([{ name: 'stop', type: 'end' }]);
    expect(read0?.onFailure).toMatchObject([{ name: 'again', type: 'retry', retryLimit: 3 }]);
    expect(read0?.parameters[0]?.part.pointer).toBe(`${at}/parameters/0`);
    expect(read0?.parameters[0]?.value.pointer).toBe('/components/parameters/limit/value');
  });

  test('replaces the value of a parameter with one of any type', () => {
    for (const value of [20, null, ['a'], { a: 1 }, '$inputs.x']) {
      const { document, errors } = read(
        withStep({ parameters: [{ reference: '$components.parameters.limit', value }] }, { components }),
      );
      expect(errors).toEqual([]);
      expect(document?.workflows[0]?.steps[0]?.parameters[0]?.value.value).toEqual(value);
    }
  });

  test('names an existing component of the right kind; the hint lists these', () => {
    const step = {
      parameters: [{ reference: '$components.parameters.limits' }, { reference: '$components.successActions.stop' }],
      onSuccess: [{ reference: '$components.failureActions.again' }, { reference: '#/components/x' }],
    };
    const { errors, problems } = read(withStep(step, { components }));
    expect(errors).toEqual([
      `unknown_component ${at}/parameters/0/reference`,
      `unknown_component ${at}/parameters/1/reference`,
      `unknown_component ${at}/onSuccess/0/reference`,
      `unknown_component ${at}/onSuccess/1/reference`,
    ]);
    expect(problems.toList().map(({ hint }) => hint)).toEqual([
      'Available: limit, a.b.',
      'Available: limit, a.b.',
      'Available: stop.',
      'Available: stop.',
    ]);
  });

  test('has no value for an action; other members are ignored', () => {
    const step = {
      parameters: [{ reference: '$components.parameters.limit', name: 'other', 'x-note': 1 }],
      onSuccess: [{ reference: '$components.successActions.stop', value: 1, type: 'goto' }],
    };
    expect(read(withStep(step, { components }))).toMatchObject({
      errors: [],
      warnings: [`ignored_key ${at}/onSuccess/0/value`],
    });
  });

  test('needs "in" if its component has none', () => {
    const parameters = [{ reference: '$components.parameters.a.b' }];
    expect(read(withStep({ parameters }, { components })).errors).toEqual([`missing_key ${at}/parameters/0`]);
    const steps = [{ stepId: 'one', workflowId: 'other', parameters }];
    expect(read(withWorkflow({ steps }, { components })).errors).toEqual([]);
  });
});

test('components are checked at their own place, used or not, and only once', () => {
  const broken = {
    parameters: { 'a b': { name: 'x', in: 'query', value: 1 }, c: { name: 'c', in: 'body', value: 1 } },
    failureActions: { d: { name: 'd', type: 'goto' } },
    schemas: {},
  };
  const uses = [{ reference: '$components.failureActions.d' }];
  const document = withWorkflow({ failureActions: uses }, { components: broken });
  expect(read(document).errors.toSorted()).toEqual([
    'invalid_name /components/parameters/a b',
    'not_exactly_one /components/failureActions/d',
    'unknown_key /components/schemas',
    'unknown_word /components/parameters/c/in',
  ]);
});

test('a document cannot use the components of another', () => {
  const parameters = [{ reference: '$components.parameters.limit' }];
  expect(read(withStep({ parameters }, { components })).errors).toEqual([]);
  expect(read(withStep({ parameters })).errors).toEqual([
    'unknown_component /workflows/0/steps/0/parameters/0/reference',
  ]);
});
