import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@toolplane/contracts';
import {
  exampleDocument,
  exampleStep,
  exampleWorkflow,
  readAndCheck,
  withStep,
  withWorkflow,
} from '../read/read.example.ts';

const goTo = (stepId: string, more: JsonObject = {}) => ({ name: `to ${stepId}`, type: 'goto', stepId, ...more });
const criteria = [{ condition: '$statusCode == 200' }];
const step = (stepId: string, more: JsonObject = {}) => ({ ...exampleStep, stepId, ...more });
const calling = (workflowId: string, calls: string[], more: JsonObject = {}) => ({
  workflowId,
  steps: [...calls.map((called) => ({ stepId: `call_${called}`, workflowId: called })), exampleStep],
  ...more,
});

describe('targets exist', () => {
  test('steps in the same workflow', () => {
    const onFailure = [goTo('twos'), { name: 'again', type: 'retry', stepId: 'three' }];
    const other = { workflowId: 'other', steps: [step('three')] };
    const main = { ...exampleWorkflow, steps: [step('one', { onFailure }), step('two')] };
    const { errors, problems } = readAndCheck(exampleDocument({ workflows: [main, other] }));
    expect(errors).toEqual([
      'unknown_step /workflows/0/steps/0/onFailure/0/stepId',
      'unknown_step /workflows/0/steps/0/onFailure/1/stepId',
    ]);
    expect(problems.toList()[0]?.hint).toBe('Did you mean "two"?');
  });

  test('of the actions of a workflow, and of components where they are used', () => {
    const components = { failureActions: { login: goTo('login') } };
    const failureActions = [{ reference: '$components.failureActions.login' }];
    const document = withWorkflow({ failureActions, successActions: [goTo('none', { criteria })] }, { components });
    expect(readAndCheck(document).errors.toSorted()).toEqual([
      'unknown_step /workflows/0/failureActions/0',
      'unknown_step /workflows/0/successActions/0/stepId',
    ]);
  });

  test('workflows in the document', () => {
    const onSuccess = [{ name: 'a', type: 'goto', workflowId: 'nowhere', criteria }];
    const document = withWorkflow({
      dependsOn: ['missing'],
      steps: [step('one', { onSuccess }), { stepId: 'two', workflowId: 'mian' }],
    });
    expect(readAndCheck(document).errors.toSorted()).toEqual([
      'unknown_workflow /workflows/0/dependsOn/0',
      'unknown_workflow /workflows/0/steps/0/onSuccess/0/workflowId',
      'unknown_workflow /workflows/0/steps/1/workflowId',
    ]);
  });

  test('named by strings', () => {
    expect(readAndCheck(withWorkflow({ steps: [{ stepId: 'one', workflowId: { toString: 1 } }] })).errors).toEqual([
      'wrong_type /workflows/0/steps/0/workflowId',
    ]);
  });

  test('or possibly in a source, which is checked later', () => {
    const sourceDescriptions = [{ name: 'shared', url: 'shared.yaml', type: 'arazzo' }];
    const steps = [
      { stepId: 'one', workflowId: 'login' },
      { stepId: 'two', workflowId: '$sourceDescriptions.shared.login' },
    ];
    expect(readAndCheck(withWorkflow({ steps }, { sourceDescriptions })).errors).toEqual([]);
  });

  test('dependencies of steps, in other workflows too', () => {
    const other = { workflowId: 'other', steps: [step('three')] };
    const dependsOn = [
      ...['none', '$workflows.other.steps.three', '$workflows.other.steps.four', '$workflows.no.steps.a'],
      ...['$sourceDescriptions.pest.other.steps.a', '$sourceDescriptions.pets.other.steps.a'],
      '$workflows.main.steps.two',
    ];
    const main = { ...exampleWorkflow, steps: [step('one', { dependsOn })] };
    expect(readAndCheck(exampleDocument({ workflows: [main, other] })).errors).toEqual([
      'unknown_step /workflows/0/steps/0/dependsOn/0',
      'unknown_step /workflows/0/steps/0/dependsOn/2',
      'unknown_workflow /workflows/0/steps/0/dependsOn/3',
      'unknown_source /workflows/0/steps/0/dependsOn/4',
      'unknown_step /workflows/0/steps/0/dependsOn/6',
    ]);
  });
});

describe('cycles', () => {
  test('of workflows that wait for each other are errors, reported once with their path', () => {
    const workflows = [
      calling('a', [], { dependsOn: ['b'] }),
      calling('b', [], { dependsOn: ['c'] }),
      calling('c', [], { dependsOn: ['a'] }),
      calling('d', [], { dependsOn: ['a'] }),
      calling('e', [], { dependsOn: ['e'] }),
    ];
    const { errors, problems } = readAndCheck(exampleDocument({ workflows }));
    expect(errors).toEqual(['dependency_cycle /workflows/0/dependsOn/0', 'dependency_cycle /workflows/4/dependsOn/0']);
    expect(problems.toList()[0]?.message).toBe('Workflows depend on each other: "a" → "b" → "c" → "a"');
  });

  test('of workflows that call each other are warnings', () => {
    const workflows = [calling('a', ['b']), calling('b', ['c']), calling('c', ['b']), calling('d', ['d'])];
    const { errors, warnings, problems } = readAndCheck(exampleDocument({ workflows }));
    expect(errors).toEqual([]);
    expect(warnings).toEqual([
      'workflow_cycle /workflows/1/steps/0/workflowId',
      'workflow_cycle /workflows/3/steps/0/workflowId',
    ]);
    expect(problems.toList()[0]?.message).toBe('Workflows lead to each other in a cycle: "b" → "c" → "b"');
  });

  test('do not include two paths to one workflow', () => {
    const workflows = [
      calling('a', ['b', 'c'], { dependsOn: ['d'] }),
      calling('b', [], { dependsOn: ['d'] }),
      calling('c', [], { dependsOn: ['d'] }),
      calling('d', []),
    ];
    expect(readAndCheck(exampleDocument({ workflows }))).toMatchObject({ errors: [], warnings: [] });
  });

  test('of steps are errors', () => {
    const steps = [step('a', { dependsOn: ['c'] }), step('b', { dependsOn: ['a'] }), step('c', { dependsOn: ['b'] })];
    expect(readAndCheck(withWorkflow({ steps })).errors).toEqual(['dependency_cycle /workflows/0/steps/0/dependsOn']);
  });
});

describe('AsyncAPI is refused, never ignored', () => {
  const asyncapi = { name: 'events', url: 'events.yaml', type: 'asyncapi' };
  const both = [{ name: 'pets', url: 'pets.yaml', type: 'openapi' }, asyncapi];

  test.each([
    ['channelPath', { channelPath: '{$sourceDescriptions.events.url}#/channels/a', action: 'send' }, 'channelPath'],
    ['action', { operationId: 'a', action: 'send' }, 'action'],
    ['correlationId', { operationId: 'a', action: 'receive', correlationId: 'x' }, 'action'],
    ['its operations', { operationId: '$sourceDescriptions.events.sendOrder' }, 'operationId'],
  ])('%s', (_, target, place) => {
    const document = withWorkflow({ steps: [{ stepId: 'one', ...target }] }, { sourceDescriptions: both });
    expect(readAndCheck(document).errors).toEqual([`unsupported_asyncapi /workflows/0/steps/0/${place}`]);
  });

  test('the place "channel"', () => {
    const parameters = [{ name: 'a', in: 'channel', value: 1 }];
    expect(readAndCheck(withStep({ parameters })).errors).toEqual([
      'unsupported_asyncapi /workflows/0/steps/0/parameters/0/in',
    ]);
  });

  test('a source that no step uses is accepted', () => {
    expect(readAndCheck(exampleDocument({ sourceDescriptions: both }))).toMatchObject({ errors: [], warnings: [] });
    expect(readAndCheck(exampleDocument({ sourceDescriptions: [asyncapi] })).errors).toEqual([
      'unsupported_asyncapi /workflows/0/steps/0/operationId',
    ]);
  });
});

describe('B048: loops', () => {
  test('that nothing leaves are refused', () => {
    const self = withStep({ onSuccess: [goTo('one')] });
    expect(readAndCheck(self).errors).toEqual(['endless_loop /workflows/0/steps/0/onSuccess/0']);
    const steps = [
      step('one'),
      step('two', { onSuccess: [goTo('three')] }),
      step('three', { onSuccess: [goTo('two')] }),
    ];
    expect(readAndCheck(withWorkflow({ steps })).errors).toEqual(['endless_loop /workflows/0/steps/0']);
    const inherited = withWorkflow({ successActions: [goTo('one')] });
    expect(readAndCheck(inherited).errors).toEqual(['endless_loop /workflows/0/successActions/0']);
  });

  test('that a run may leave are accepted', () => {
    expect(readAndCheck(withStep({ onSuccess: [goTo('one', { criteria })] })).errors).toEqual([]);
    const polling = [step('one', { onSuccess: [{ name: 'done', type: 'end', criteria }, goTo('one')] })];
    expect(readAndCheck(withWorkflow({ steps: polling })).errors).toEqual([]);
    const untilFailure = { onSuccess: [goTo('one')], onFailure: [{ name: 'stop', type: 'end' }] };
    expect(readAndCheck(withStep(untilFailure)).errors).toEqual([]);
    expect(readAndCheck(withStep({ onFailure: [{ name: 'again', type: 'retry' }] })).errors).toEqual([]);
  });
});

describe('what is never reached is reported', () => {
  test('steps', () => {
    const steps = [step('one', { onSuccess: [goTo('three')] }), step('two'), step('three')];
    expect(readAndCheck(withWorkflow({ steps })).warnings).toEqual(['unreachable_step /workflows/0/steps/1']);
    const retry = {
      onFailure: [{ name: 'again', type: 'retry', stepId: 'two' }],
      onSuccess: [{ name: 'end', type: 'end' }],
    };
    expect(readAndCheck(withWorkflow({ steps: [step('one', retry), step('two')] })).warnings).toEqual([]);
  });

  test('actions', () => {
    const end = { name: 'end', type: 'end' };
    const document = withStep({ onSuccess: [end, goTo('one')], onFailure: [{ name: 'again', type: 'retry' }, end] });
    expect(readAndCheck(document).warnings).toEqual(['unreachable_action /workflows/0/steps/0/onSuccess/1']);
  });

  test('actions of a workflow, unless some step uses them', () => {
    const end = { name: 'end', type: 'end' };
    const last = { name: 'last', type: 'end' };
    const sometimes = { ...end, criteria: [{ condition: '$statusCode == 202' }] };
    const warnings = (...steps: JsonObject[]) =>
      readAndCheck(withWorkflow({ failureActions: [end, last], steps })).warnings;
    expect(warnings(step('one'))).toEqual(['unreachable_action /workflows/0/failureActions/1']);
    // It replaces the "end" of the workflow.
    expect(warnings(step('one', { onFailure: [sometimes] }), step('two'))).toEqual([]);
  });
});

test('a parameter of a workflow without "in" is reported where a step calls an operation', () => {
  const parameters = [{ name: 'token', value: 1 }];
  expect(readAndCheck(withWorkflow({ parameters })).warnings).toEqual(['missing_place /workflows/0/parameters/0']);
});

describe('B054: names of tools', () => {
  const named = (...workflows: JsonObject[]) =>
    exampleDocument({ workflows: workflows.map((each) => ({ ...exampleWorkflow, ...each })) });

  test('that become the same are refused', () => {
    expect(readAndCheck(named({ workflowId: 'get pets' }, { workflowId: 'get_pets' })).errors).toEqual([
      'duplicate_tool_name /workflows/1/workflowId',
    ]);
    expect(readAndCheck(named({ workflowId: 'a' }, { workflowId: 'b', 'x-mcp-name': 'a' })).errors).toEqual([
      'duplicate_tool_name /workflows/1/x-mcp-name',
    ]);
  });

  test('that differ only in case are reported', () => {
    expect(readAndCheck(named({ workflowId: 'getPets' }, { workflowId: 'GetPets' }))).toMatchObject({
      errors: [],
      warnings: ['similar_tool_name /workflows/1/workflowId'],
    });
  });

  test('are compared with all earlier ones', () => {
    const third = { workflowId: 'o2', 'x-mcp-name': 'MAIN' };
    expect(readAndCheck(named({ workflowId: 'main' }, { workflowId: 'MAIN' }, third))).toMatchObject({
      errors: ['duplicate_tool_name /workflows/2/x-mcp-name'],
      warnings: ['similar_tool_name /workflows/1/workflowId'],
    });
    expect(
      readAndCheck(named({ workflowId: 'main' }, { workflowId: 'MAIN' }, { ...third, 'x-mcp-name': 'main' })),
    ).toMatchObject({
      errors: ['duplicate_tool_name /workflows/2/x-mcp-name'],
    });
  });

  test('of workflows that are not tools do not count', () => {
    expect(
      readAndCheck(named({ workflowId: 'get_pets' }, { workflowId: 'get.pets', 'x-mcp-expose': false })).errors,
    ).toEqual([]);
  });
});
