import { expect, test } from '@jest/globals';
import { findSecurityTests, notApplicable, readBadInputs } from '@toolplane/local/bad-inputs';

const ids = readBadInputs().map(({ id }) => id);
const tested = new Set(findSecurityTests().flatMap((file) => file.ids));

test('the catalogue has 128 entries, each with a unique id', () => {
  expect(ids).toEqual(Array.from({ length: 128 }, (_, index) => `B${String(index + 1).padStart(3, '0')}`));
});

test('every bad input is in the title of a test, or listed as not applicable with the reason', () => {
  expect(ids.filter((id) => !tested.has(id) && notApplicable[id] === undefined)).toEqual([]);
});

test('no entry that has a test is listed as not applicable', () => {
  expect(Object.keys(notApplicable).filter((id) => tested.has(id) || !ids.includes(id))).toEqual([]);
});
