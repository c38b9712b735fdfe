import type { Part } from '../../document/part.ts';
import { readOutputBudget } from '../../tools/read-output-budget.ts';
import { readAnnotations } from '../../tools/tool-annotations.ts';
import type { Flow } from '../model.ts';
import { requestsOf } from '../requests-of.ts';
import { extensions } from './extensions.ts';
import { readContent } from './read-content.ts';
import { readDisplayFields } from './read-display-fields.ts';
import { readExpressions } from './read-expression.ts';
import { readId } from './read-id.ts';
import { readInputs } from './read-inputs.ts';
import { procedureKeys, readProcedure } from './read-procedure.ts';
import { readTask } from './read-task.ts';

const KEYS = [
  'id',
  'description',
  'inputs',
  'outputs',
  'analytics',
  ...procedureKeys,
  'x-title',
  'x-icons',
  'x-annotations',
  'x-content',
  'x-task',
  'x-output',
];

export function readFlow(part: Part): Flow {
  part.allowKeys(KEYS, extensions);
  const inputs = readInputs(part.member('inputs'));
  const content = part.member('x-content');
  const needsSteps = content === undefined && part.member('x-ask') === undefined;
  const procedure = readProcedure(part, { needsSteps });
  const outputs = readExpressions(part.member('outputs'));
  const annotations = readAnnotations(part.member('x-annotations'));
  const { pagedInputs = inputs, ...budget } = readOutputBudget(part.member('x-output'), {
    noun: 'flow',
    inputs,
    outputs,
    hasContent: content !== undefined,
    requests: requestsOf(procedure.steps),
  });
  return {
    noun: 'flow',
    ...procedure,
    ...readDisplayFields(part, { title: 'x-title' }),
    id: readId(part.required('id'), 'flow'),
    ...(pagedInputs === undefined ? {} : { inputs: pagedInputs }),
    outputs,
    ...(content === undefined ? {} : { content: readContent(content) }),
    analytics: readExpressions(part.member('analytics')),
    annotations,
    ...budget,
    ...readTask(part.member('x-task'), procedure.rounds),
  };
}
