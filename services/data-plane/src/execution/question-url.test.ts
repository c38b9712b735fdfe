import { expect, test } from '@jest/globals';
import type { PlanQuestion } from '@toolplane/contracts';
import { planOf } from '../../test/plan.ts';
import { runTool } from '../../test/run-tool.ts';

const page: PlanQuestion = {
  key: 'approve',
  method: 'elicitation/create',
  params: { kind: 'literal', value: { mode: 'url', message: 'Approve' } },
  url: {
    kind: 'parts',
    parts: [
      'https://example.test/approve/',
      { path: ['inputs', 'document'], where: 'path' },
      '?to=',
      { path: ['inputs', 'to'], where: 'query' },
    ],
  },
  isOptional: false,
};

async function ask(inputs: { document: string; to: string }) {
  const plan = { ...planOf([], {}), questions: [[page]] };
  return runTool(plan, { inputs, abilities: ['elicitation.url'] });
}

test('a value cannot add a segment or a parameter to the page that a person opens', async () => {
  expect(await ask({ document: '../../logout', to: 'bob&amount=9999#x' })).toMatchObject({
    outcome: 'input_required',
    inputRequests: {
      approve: {
        params: {
          mode: 'url',
          message: 'Approve',
          url: 'https://example.test/approve/..%2F..%2Flogout?to=bob%26amount%3D9999%23x',
        },
      },
    },
  });
});

test('a value that would walk up the path ends the call', async () => {
  expect(await ask({ document: '..', to: 'bob' })).toMatchObject({ ok: false, outcome: 'not_started' });
});
