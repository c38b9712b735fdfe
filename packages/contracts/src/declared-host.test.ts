import { describe, expect, test } from '@jest/globals';
import { declaredHostSchema } from './declared-host.ts';

describe('a host that people allow something to be sent to (T54)', () => {
  test.each(['*.com', '*.co.uk', '*.github.io', '*.s3.amazonaws.com', '*.com:443', '*.xn--fiqs8s', '*.anything.ck'])(
    '%s is refused, because anybody can register a name below a public suffix (T54)',
    (pattern) => {
      const { error } = declaredHostSchema.safeParse(pattern);
      expect(error?.issues.map(({ message }) => message)).toEqual([
        expect.stringMatching(/public suffix.*write the host, or \*\. and a name that you own/),
      ]);
    },
  );

  test.each([
    '*.example.com',
    '*.example.co.uk',
    '*.us.github.io',
    '*.internal',
    '*.svc.cluster.local',
    '*.test',
    'github.io',
  ])('%s is accepted', (pattern) => {
    expect(declaredHostSchema.safeParse(pattern).success).toBe(true);
  });

  test('that is not a host at all is refused for that reason alone', () => {
    expect(declaredHostSchema.safeParse('*.COM').error?.issues).toHaveLength(1);
  });
});
