import { expect, test } from '@jest/globals';
import type { InputRequest } from '@toolplane/contracts';
import { readQuestionState, toQuestionState } from './question-state.ts';

const roots: InputRequest = { method: 'roots/list', params: {} };
const tooLarge: InputRequest = {
  method: 'elicitation/create',
  params: { requestedSchema: { type: 'object', description: 'x'.repeat(70_000) } },
};

test('a server gets its own state back, however it begins and whatever was asked', () => {
  for (const own of [undefined, '', 'state', 'asked:', 'asked:{"requestState":"other","asked":{}}']) {
    for (const asked of [{}, { roots }, { tooLarge }]) {
      expect(readQuestionState(toQuestionState(own, asked)).requestState).toBe(own);
    }
  }
});
