import { describe, expect, test } from '@jest/globals';
import { AppError } from '@toolplane/contracts';
import { createLogger, toLoggedError } from './logger.ts';
import { SecretValue } from './secret-value.ts';

const canary = 'canary_0123456789';

function linesOf(log: (logger: ReturnType<typeof createLogger>) => void): string[] {
  const lines: string[] = [];
  log(createLogger('test', 'trace', { write: (line) => void lines.push(line) }));
  return lines;
}

test('a foreign error is logged without its message, its fields and messages that look like a stack frame', () => {
  const error = Object.assign(new Error(`first line\n    at ${canary} (file.ts:1:1)`), {
    code: 'ECONNRESET',
    options: { headers: { authorization: canary } },
  });
  const logged = toLoggedError(new AppError('internal', 'Internal error', { cause: error }));
  expect(logged).toMatchObject({
    name: 'AppError',
    message: 'Internal error',
    cause: { name: 'Error', code: 'ECONNRESET' },
  });
  expect(JSON.stringify(logged)).not.toContain(canary);
});

/** Errors as thrown by libraries that are not installed here. Installed ones have their own test in the data plane. */
const foreign: [string, Error][] = [
  [
    'a command that Redis refuses',
    Object.assign(new Error(`ERR wrong type for ${canary}`), {
      name: 'ReplyError',
      command: { name: 'set', args: ['key', canary] },
    }),
  ],
  [
    'a query of Prisma',
    Object.assign(new Error(`Invalid \`prisma.key.create()\`: Unique constraint on (\`${canary}\`)`), {
      name: 'PrismaClientKnownRequestError',
      code: 'P2002',
      meta: { target: [canary] },
    }),
  ],
  [
    'a token that jose refuses',
    Object.assign(new Error('unexpected "aud" claim value'), {
      name: 'JWTClaimValidationFailed',
      code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
      payload: { sub: canary },
    }),
  ],
  ['a name and a code that are data', Object.assign(new Error('x'), { name: `${canary} x`, code: `${canary}\n` })],
  ['a message that was changed later', changed(new Error(`a\n    at ${canary} (file.ts:1:1)`))],
  ['several in one', new AggregateError([new Error(canary)], canary)],
];

function changed(error: Error): Error {
  error.message = 'another';
  return error;
}

describe('an error of a library leaves nothing of its content in the log (T9)', () => {
  test.each(foreign)('%s', (_what, error) => {
    const lines = linesOf((logger) => {
      logger.error({ err: error }, 'failed');
      logger.error({ error, other: { deep: 1 } }, 'failed');
      logger.error(error);
      logger.error(error, 'failed');
      logger.error({ err: new AppError('internal', 'Internal error', { cause: error }) }, 'failed');
    });
    expect(lines).toHaveLength(5);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ level: 'error', msg: 'failed' });
    expect(lines.join('')).not.toContain(canary);
  });

  test('but its name, code and stack frames stay', () => {
    const [line = ''] = linesOf((logger) => logger.error({ err: Object.assign(new TypeError('x'), { code: 'E_X' }) }));
    const { name, code, frames } = JSON.parse(line).err;
    expect([name, code, frames[0]]).toEqual(['TypeError', 'E_X', expect.stringMatching(/^at .*logger\.test\.ts/)]);
  });

  test('nor does a thrown value that is not an error', () => {
    expect(linesOf((logger) => logger.error({ err: canary })).join('')).not.toContain(canary);
    expect(linesOf((logger) => logger.error({ err: { message: canary } })).join('')).not.toContain(canary);
  });

  test('nor does a secret that is logged in a line', () => {
    const lines = linesOf((logger) => logger.info({ key: new SecretValue(canary) }, `key ${new SecretValue(canary)}`));
    expect(lines.join('')).not.toContain(canary);
  });
});

describe('text from others cannot pass for a line of the log (T37)', () => {
  test.each([
    ['CRLF', 'search\r\n{"level":"info","msg":"paid"}'],
    ['terminal control sequences', 'search\u001b[2K\u009b1A'],
    ['Unicode line separators', 'search\u2028x\u2029y\u0085z'],
    ['a change of text direction', 'search\u202egnp.exe'],
  ])('%s in the name of a tool', (_what, name) => {
    const lines = linesOf((logger) =>
      logger.warn({ 'gen_ai.tool.name': name, err: new AppError('not_found', name) }, 'x'),
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd()).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    expect(JSON.parse(lines[0] ?? '')['gen_ai.tool.name']).toMatch(/^search ./);
  });

  test('a long text is truncated', () => {
    const [line = ''] = linesOf((logger) => logger.warn({ name: 'x'.repeat(1_000_000) }, 'x'));
    expect(line.length).toBeLessThan(3000);
  });
});

test('causes that refer to each other come to an end', () => {
  const error = new Error('a');
  error.cause = error;
  expect(JSON.stringify(toLoggedError(error)).length).toBeLessThan(10_000);
});
