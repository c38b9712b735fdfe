import { expect, test } from '@jest/globals';
import { createCursors } from './cursor.ts';

const cursors = createCursors('pepper');
const position = { value: '2026-01-01T00:00:00.000Z', id: 'srv_a', page: 2 };
const sealed = cursors.seal(position, 'ws_1');

test('a cursor leads back to its position', () => {
  expect(cursors.open(sealed, 'ws_1')).toEqual(position);
});

test.each([
  ['of another workspace or query', sealed, 'ws_2'],
  ['that was changed', sealed.replace(/^./, 'f'), 'ws_1'],
  ['without its seal', sealed.split('.')[0] ?? '', 'ws_1'],
  ['that is not a cursor', 'abc', 'ws_1'],
])('a cursor %s is refused (T36, B125)', (_name, cursor, list) => {
  expect(() => cursors.open(cursor, list)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
});
