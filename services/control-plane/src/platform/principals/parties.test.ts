import { expect, test } from '@jest/globals';
import { isSameParty, partiesOf, partiesOfKey } from './parties.ts';

const key = (...parties: string[]) => ({ actor: { kind: 'key', keyId: 'k' } as const, parties });
const person = (id: string) => ({
  actor: { kind: 'person', personId: id, sessionId: 's' } as const,
  parties: [`person:${id}`],
});

test('whoever may hold the credential of a caller is the caller, and nobody else (T42)', () => {
  const caller = partiesOfKey({ holders: ['person:ada'], agent: { holders: ['person:ben', 'person:ada'] } });
  expect(caller).toEqual(['person:ada', 'person:ben']);
  for (const approver of [person('ada'), person('ben'), key('person:ben', 'person:eve')]) {
    expect(isSameParty(caller, approver)).toBe(true);
  }
  for (const approver of [person('eve'), key('person:eve'), key('key:first')]) {
    expect(isSameParty(caller, approver)).toBe(false);
  }
});

test('a key of which nobody knows who holds it is everybody, except that people decide about its calls (T42)', () => {
  const unknown = partiesOf({ holders: [] });
  expect(isSameParty(['person:ada'], key(...unknown))).toBe(true);
  expect(isSameParty(unknown, key('person:ada'))).toBe(true);
  expect(isSameParty(unknown, person('ada'))).toBe(false);
});
