import { expect, test } from '@jest/globals';
import { compileUriTemplate } from './uri-template.ts';

test.each([
  ['x://{id}', 'x://7', { id: '7' }],
  ['x://{id}/data', 'x://a%2Fb/data', { id: 'a/b' }],
  ['x://{a}-{b}', 'x://1-2-3', { a: '1', b: '2-3' }],
  ['x://{a}.{b}/c.d', 'x://1.2/c.d', { a: '1', b: '2' }],
  ['x://(a+)+{id}', 'x://(a+)+1', { id: '1' }],
])('%s gives the values of %s', (template, uri, values) => {
  expect(compileUriTemplate(template)(uri)).toEqual(values);
});

test.each([
  ['x://{id}', 'x://'],
  ['x://{id}', 'y://1'],
  ['x://{id}', 'x://1/2'],
  ['x://{id}', 'x://1?q'],
  ['x://{id}/data', 'x:///data'],
  ['x://{id}/data', 'x://1/data/2'],
  ['x://{a}-{b}', 'x://1'],
  ['x://{a}-{b}', 'x://-2'],
  ['x://{id}', 'x://%E0%A4%A'],
  ['x://{id}', `x://${'a'.repeat(5000)}`],
])('%s is not the template of %.40s', (template, uri) => {
  expect(compileUriTemplate(template)(uri)).toBeUndefined();
});

test('many variables cost no more time than few', () => {
  const template = `x://${Array.from({ length: 20 }, (_, n) => `{v${n}}`).join('-')}`;
  // A backtracking engine would practically never finish.
  expect(compileUriTemplate(template)(`x://${'-'.repeat(2000)}/`)).toBeUndefined();
});
