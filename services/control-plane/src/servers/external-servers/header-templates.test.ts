import { expect, test } from '@jest/globals';
import { toHeaderTemplates } from './header-templates.ts';

test('a header is text with the secrets that it names, each once', () => {
  expect(
    toHeaderTemplates([
      ['Authorization', 'Bearer $secrets.TOKEN'],
      ['X-Pair', '$secrets.TOKEN:$secrets.OTHER_1.'],
    ]),
  ).toEqual({
    headers: [
      ['Authorization', { kind: 'text', parts: ['Bearer ', { path: ['secrets', 'TOKEN'] }], strict: true }],
      [
        'X-Pair',
        {
          kind: 'text',
          strict: true,
          parts: [{ path: ['secrets', 'TOKEN'] }, ':', { path: ['secrets', 'OTHER_1'] }, '.'],
        },
      ],
    ],
    secrets: ['TOKEN', 'OTHER_1'],
  });
});
