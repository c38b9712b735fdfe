import { describe, expect, test } from '@jest/globals';
import { parseTemplate } from '@toolplane/expressions';
import { findCall } from './find-call.ts';

const find = (text: string) => findCall(text, parseTemplate(text).references);

describe('a whole string that calls what cannot be called is reported', () => {
  test.each([
    ['lenght($inputs.l)', 'Did you mean length?'],
    [' Sum( $inputs.l ) ', 'Did you mean sum?'],
    ['toString($inputs.l)', 'Did you mean to_string?'],
    ['count($inputs.l)', 'The functions are abs, avg,'],
    ['pick(a, $inputs.l)', 'The functions are abs, avg,'],
    ["contains($inputs.l, 'a')", '$inputs.list[?contains(…)]'],
    ['not_null($inputs.a, $inputs.b)', '$inputs.list[?not_null(…)]'],
    ['lenght(keys($inputs.l))', 'Did you mean length?'],
  ])('%s', (text, hint) => {
    expect(find(text)).toMatchObject({ code: 'unknown_function', hint: expect.stringContaining(hint) });
  });
});

test('the place is that of the name', () => {
  expect(find('  lenght($inputs.l)')?.offset).toBe(2);
  expect(find('Count: length($inputs.l)')?.offset).toBe(7);
});

describe('a call of an existing function beside other text is reported', () => {
  test.each(['Count: length($inputs.l)', 'length($inputs.l) items', '<b>max($inputs.l)</b>', 'x sum($inputs.l[0])'])(
    '%s',
    (text) => expect(find(text)?.code).toBe('call_in_text'),
  );
});

describe('other text with brackets is not', () => {
  test.each([
    'Total (of $inputs.n)',
    'total (of $inputs.n)',
    'Total(of $inputs.n)',
    'Ticket($inputs.n)',
    'item(s) of $inputs.n (new)',
    'item(s) of ($inputs.n)',
    'length of $inputs.l',
    'the length ($inputs.l)',
    'wavelength($inputs.l) in nm',
    "contains(name,'$inputs.q')",
    'user(id: $inputs.id)',
    'https://api.example.test/Users($inputs.id)',
    'count(x)',
    ')($inputs.n',
  ])('%s', (text) => expect(find(text)).toBeUndefined());
});
