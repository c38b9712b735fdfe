import { expect, test } from '@jest/globals';
import { findSecurityTests, notApplicable, readBadInputs } from '@toolplane/local/bad-inputs';

const ids = readBadInputs().map(({ id }) => id);
const tested = new Set(findSecurityTests().flatMap((file) => file.ids));

test('the catalogue has 128 entries, each with an id of its own', () => {
  expect(ids).toEqual(Array.from({ length: 128 }, (_, index) => `B${String(index + 1).padStart(3, '0')}`));
});

test('every bad input is in the title of a test, or named as not applicable with the reason', () => {
  expect(ids.filter((id) => !tested.has(id) && notApplicable[id] === undefined)).toEqual([]);
});

test('what has a test is not named as not applicable', () => {
  expect(Object.keys(notApplicable).filter((id) => tested.has(id) || !ids.includes(id))).toEqual([]);
});
