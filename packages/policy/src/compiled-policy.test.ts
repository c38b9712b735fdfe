import { describe, expect, test } from '@jest/globals';
import { type Policy, policySchema } from '@toolplane/contracts';
import { approvalOf, changesAt, compilePolicy, decide, decideListing, limitsFor } from './compiled-policy.ts';

const anonymous = { kind: 'anonymous' } as const;
const tool = { name: 'get_weather' };
const noon = Date.parse('2026-03-02T12:00:00Z');

function compile(policy: unknown) {
  return compilePolicy(policySchema.parse(policy));
}

describe('a compiled policy', () => {
  test('without rules decides by the effect for unmatched calls', () => {
    const call = { tool, caller: anonymous, at: noon };
    expect(decide(compile({}), call)).toEqual({ effect: 'allow', by: 'unmatched' });
    expect(decide(compile({ unmatched: 'deny' }), call)).toEqual({ effect: 'deny', by: 'unmatched' });
    expect(decideListing(compile({ unmatched: 'deny' }), call)).toBe(false);
  });

  test('says whether it uses arguments, times and limits', () => {
    const rule = { id: 'a', effect: 'deny' };
    const looksAt = ({ usesArguments, usesTimes, usesLimits }: ReturnType<typeof compile>) => {
      return { usesArguments, usesTimes, usesLimits };
    };
    const nothing = { usesArguments: false, usesTimes: false, usesLimits: false };
    expect(looksAt(compile({ rules: [rule] }))).toEqual(nothing);
    const withArguments = compile({ rules: [{ ...rule, arguments: { required: ['x'] } }] });
    expect(looksAt(withArguments)).toEqual({ ...nothing, usesArguments: true });
    const withTimes = compile({ rules: [{ ...rule, times: { from: '08:00' } }] });
    expect(looksAt(withTimes)).toEqual({ ...nothing, usesTimes: true });
    const withLimits = compile({ limits: [{ id: 'b', per: 'server', concurrent: 1 }] });
    expect(looksAt(withLimits)).toEqual({ ...nothing, usesLimits: true });
  });

  test('decides against a call that takes too much work to check', () => {
    const schema = { properties: { text: { pattern: '^(a|b|c|d){1,200}$' } } };
    const rules = (effect: string) => [{ id: 'text', effect, arguments: schema }];
    const call = { tool, caller: anonymous, at: noon, arguments: { text: 'a'.repeat(1_000_000) } };
    expect(decide(compile({ rules: rules('deny') }), call).effect).toBe('deny');
    expect(decide(compile({ rules: rules('approve') }), call).effect).toBe('approve');
    expect(decide(compile({ unmatched: 'deny', rules: rules('allow') }), call).effect).toBe('deny');
  });

  test('limits the work of all rules together', () => {
    const schema = { properties: { text: { pattern: '^(a|b|c|d){1,200}$' } } };
    const rules = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ id: `r${index}`, effect: 'deny', arguments: schema }));
    const call = { tool, caller: anonymous, at: noon, arguments: { text: 'e'.repeat(10_000) } };
    expect(decide(compile({ rules: rules(2) }), call).effect).toBe('allow');
    expect(decide(compile({ rules: rules(40) }), call).effect).toBe('deny');
    expect(decide(compile({ rules: rules(2) }), call).effect).toBe('allow');
  });

  test('spends no work on violations that nobody reads, once a rule does not match', () => {
    const names = Array.from({ length: 40 }, (_, index) => `n${index}`);
    const rows = { properties: { rows: { items: { required: names } } } };
    const denied = compile({
      rules: [
        { id: 'rows', effect: 'deny', arguments: rows },
        { id: 'force', effect: 'deny', arguments: { required: ['force'] } },
      ],
    });
    const call = { tool, caller: anonymous, at: noon };
    const empty = Array.from({ length: 3000 }, () => ({}));
    expect(decide(denied, { ...call, arguments: { rows: empty } })).toEqual({ effect: 'allow', by: 'unmatched' });
    expect(decide(denied, { ...call, arguments: { rows: empty, force: true } })).toMatchObject({
      by: { rule: 'force' },
    });
  });

  test('decides against a call if a time zone or schema is unknown', () => {
    const call = { tool, caller: anonymous, at: noon };
    const unknown = [{ times: { from: '00:00', timezone: 'Mars/Olympus' } }, { arguments: { type: 'nothing' } }];
    for (const condition of unknown) {
      const denied = compile({ rules: [{ id: 'a', effect: 'deny', ...condition }] });
      const allowed = compile({ unmatched: 'deny', rules: [{ id: 'a', effect: 'allow', ...condition }] });
      expect([decide(denied, call).effect, decide(allowed, call).effect]).toEqual(['deny', 'deny']);
    }
  });

  test('reads the groups and claims of a token once, however many rules ask for them', () => {
    let looks = 0;
    class Counted extends Array<string> {
      override [Symbol.iterator]() {
        looks += 1;
        return super[Symbol.iterator]();
      }
    }
    const groups = Counted.from(['one', 'two']);
    const rules = Array.from({ length: 20 }, (_, n) => ({
      id: `of-${n}`,
      effect: 'deny',
      callers: n % 2 === 0 ? { groups: [`group-${n}`] } : { claims: { groups: [`group-${n}`] } },
    }));
    const denied = compile({ rules: [...rules, { id: 'two', effect: 'deny', callers: { groups: ['two'] } }] });
    looks = 0;
    const caller = { kind: 'token', groups, claims: { groups } } as const;
    for (const at of [noon, noon + 1]) {
      expect(decide(denied, { tool, caller, at })).toMatchObject({ by: { rule: 'two' } });
    }
    expect(looks).toBe(1);
  });

  test('returns all limits of a tool and caller, in order', () => {
    const limits: Policy['limits'] = [
      { id: 'all', per: 'server', concurrent: 5 },
      { id: 'others', per: 'caller', concurrent: 1, tools: { names: ['set_*'] } },
      { id: 'weather', per: 'user', calls: { max: 2, seconds: 60 }, tools: { names: ['get_*'] } },
      { id: 'keys', per: 'caller', concurrent: 1, callers: { kinds: ['key'] } },
    ];
    const policy = compile({ limits });
    expect(limitsFor(policy, { tool, caller: anonymous }).map(({ id }) => id)).toEqual(['all', 'weather']);
    expect(limitsFor(policy, { tool, caller: { kind: 'key' } }).map(({ id }) => id)).toEqual([
      'all',
      'weather',
      'keys',
    ]);
  });

  test('takes an approval without settings as one by the workspace, for 15 minutes', () => {
    expect(approvalOf({ id: 'a', effect: 'approve' })).toEqual({ by: 'workspace', validSeconds: 900 });
    const approval = { by: 'user', validSeconds: 10 } as const;
    expect(approvalOf({ id: 'a', effect: 'approve', approval })).toEqual(approval);
  });
});

describe('the next moment at which a time condition changes', () => {
  const next = (times: object, at: string) => {
    const moment = changesAt(compile({ rules: [{ id: 'a', effect: 'deny', times }] }), Date.parse(at));
    return moment === undefined ? undefined : new Date(moment).toISOString();
  };

  test.each([
    ['its beginning', { from: '08:00', to: '18:00' }, '2026-03-02T07:59:59.999Z', '2026-03-02T08:00:00.000Z'],
    ['its end', { from: '08:00', to: '18:00' }, '2026-03-02T08:00:00Z', '2026-03-02T18:00:00.000Z'],
    [
      'the beginning of the next day',
      { from: '08:00', to: '18:00' },
      '2026-03-02T18:00:00Z',
      '2026-03-03T08:00:00.000Z',
    ],
    ['midnight, for days alone', { days: ['mon'] }, '2026-03-02T18:00:00Z', '2026-03-03T00:00:00.000Z'],
    [
      'in its time zone',
      { from: '08:00', timezone: 'Asia/Kolkata' },
      '2026-03-02T00:00:00Z',
      '2026-03-02T02:30:00.000Z',
    ],
    [
      'no later than a clock change',
      { from: '08:00', timezone: 'Europe/Berlin' },
      '2026-03-28T23:30:00Z',
      '2026-03-29T01:00:00.000Z',
    ],
  ])('is %s', (_title, times, at, expected) => {
    expect(next(times, at)).toBe(expected);
  });

  test('does not exist without time conditions', () => {
    expect(next({ timezone: 'Europe/Berlin' }, '2026-03-02T18:00:00Z')).toBeUndefined();
  });
});
