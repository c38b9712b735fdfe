import { expect, test } from '@jest/globals';
import { secretHostSchema, secretNameSchema } from './index.ts';

test.each([
  [secretNameSchema, 'bad name', 'must be a letter, then letters, digits or _'],
  [secretHostSchema, 'https://a.example', 'must be host, host:port or *.host, in lowercase'],
  [secretHostSchema, 'a.example:70000', 'must have a port of at most 65535'],
  [secretHostSchema, '*.10.0.0.1', 'must not have *. before an IP address'],
])('a rule reads as a sentence after the place that breaks it (%#)', (schema, value, rule) => {
  expect(schema.safeParse(value).error?.issues).toMatchObject([{ message: rule }]);
});
