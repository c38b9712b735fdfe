import { expect, test } from '@jest/globals';
import type { InputRequest } from '@toolplane/contracts';
import { readAskedState, toAskedState } from './asked-state.ts';

const roots: InputRequest = { method: 'roots/list', params: {} };
const tooLarge: InputRequest = {
  method: 'elicitation/create',
  params: { requestedSchema: { type: 'object', description: 'x'.repeat(70_000) } },
};

test('a server gets its own state back, however it begins and whatever was asked', () => {
  for (const own of [undefined, '', 'state', 'asked:', 'asked:{"requestState":"other","asked":{}}']) {
    for (const asked of [{}, { roots }, { tooLarge }]) {
      expect(readAskedState(toAskedState(own, asked)).requestState).toBe(own);
    }
  }
});
