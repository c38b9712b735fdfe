import { expect, test } from '@jest/globals';
import { type Ability, capabilitiesFor } from './input-request.ts';

test.each<[Ability[], object]>([
  [[], {}],
  [['elicitation'], { elicitation: {} }],
  [['elicitation.url'], { elicitation: { url: {} } }],
  [['elicitation', 'elicitation.url'], { elicitation: { form: {}, url: {} } }],
  [['sampling', 'roots'], { sampling: {}, roots: {} }],
])('a client with the capabilities %j declares %j', (abilities, declared) => {
  expect(capabilitiesFor(abilities)).toEqual(declared);
});
