import { expect, test } from '@jest/globals';
import { type JsonObject, type Policy, policySchema } from '@toolplane/contracts';
import { fuzzing, fuzzTimeoutMs } from '@toolplane/loopback/fuzzing';
import fc from 'fast-check';
import { changesAt, compilePolicy, decide, decideListing } from './compiled-policy.ts';
import type { PolicyCaller } from './match-caller.ts';
import type { PolicyTool } from './match-tool.ts';
import { compilePatterns } from './patterns.ts';

const few = <Value>(...values: Value[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1 });
const hint = fc.option(fc.boolean(), { nil: undefined });
const annotations = fc.record(
  { readOnlyHint: hint, destructiveHint: hint, idempotentHint: hint, openWorldHint: hint },
  { requiredKeys: [] },
);
const time = fc.constantFrom('00:00', '01:30', '02:00', '02:30', '03:00', '12:00', '23:59');
const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe');
const condition = {
  tools: fc.record(
    { names: few('a', 'a*', '*b', 'k.a', '*'), toolkits: few('k', 'l*'), annotations },
    { requiredKeys: [] },
  ),
  callers: fc.record(
    {
      kinds: few('key', 'token', 'anonymous'),
      keys: few('key1', 'key2'),
      agents: few('agent1'),
      users: few('ann', 'a*'),
      groups: few('staff'),
      claims: fc.constant({ team: ['red'] }),
    },
    { requiredKeys: [] },
  ),
  arguments: fc.constantFrom<JsonObject>({}, { required: ['x'] }, { properties: { x: { minimum: 5 } } }),
  times: fc.record(
    { days: few('mon', 'sat', 'sun'), from: time, to: time, timezone: zone },
    { requiredKeys: ['timezone'] },
  ),
};
const rules = fc
  .array(fc.record({ effect: fc.constantFrom('allow', 'deny', 'approve'), ...condition }, { requiredKeys: ['effect'] }))
  .map((all) => all.map((rule, index) => ({ id: `rule-${index}`, ...rule })));
const policies = fc
  .record({ unmatched: fc.constantFrom('allow', 'deny'), rules })
  .map((written): Policy => policySchema.parse(JSON.parse(JSON.stringify(written))));
const toolOf = fc.record(
  { name: fc.constantFrom('a', 'ab', 'cb', 'd'), toolkit: fc.constantFrom('k', 'lm'), annotations },
  { requiredKeys: ['name'] },
) as fc.Arbitrary<PolicyTool>;
const callerOf = fc.record(
  {
    kind: fc.constantFrom('key', 'token', 'anonymous'),
    keyId: fc.constantFrom('key1', 'key2', 'key3'),
    agentId: fc.constantFrom('agent1', 'agent2'),
    username: fc.constantFrom('ann', 'bob'),
    groups: fc.subarray(['staff', 'guests']),
    claims: fc.constantFrom({ team: 'red' }, { team: ['blue', 'red'] }, { team: [] }, {}),
  },
  { requiredKeys: ['kind'] },
) as fc.Arbitrary<PolicyCaller>;
/** Moments around both clock changes of 2026 in the northern hemisphere, and throughout that year. */
const moments = fc.oneof(
  fc.integer({ min: Date.UTC(2026, 2, 28), max: Date.UTC(2026, 2, 31) }),
  fc.integer({ min: Date.UTC(2026, 9, 24), max: Date.UTC(2026, 9, 27) }),
  fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) }),
);
const calls = fc.record({
  tool: toolOf,
  caller: callerOf,
  at: moments,
  arguments: fc.constantFrom<JsonObject>({}, { x: 1 }, { x: 9 }, { x: 'text' }),
});

/** Whether one rule matches, determined with a policy that has no other rule. */
function matches(rule: Policy['rules'][number], call: Parameters<typeof decide>[1]): boolean {
  return decide(compilePolicy({ unmatched: 'allow', rules: [rule], limits: [] }), call).by !== 'unmatched';
}

test(
  'the first matching deny decides, else the first approve, else the first allow, else the effect for unmatched calls',
  () => {
    const check = (policy: Policy, call: Parameters<typeof decide>[1]) => {
      const matching = policy.rules.filter((rule) => matches(rule, call));
      const deciding = (['deny', 'approve', 'allow'] as const)
        .map((effect) => matching.find((rule) => rule.effect === effect))
        .find((rule) => rule !== undefined);
      const decision = decide(compilePolicy(policy), call);
      expect(decision.effect).toBe(deciding?.effect ?? policy.unmatched);
      expect(decision.rule).toBe(deciding);
    };
    fc.assert(fc.property(policies, calls, check), fuzzing);
  },
  fuzzTimeoutMs,
);

test(
  'what can be called is listed, and what is listed can be called if no rule uses arguments',
  () => {
    const check = (policy: Policy, call: Parameters<typeof decide>[1]) => {
      const compiled = compilePolicy(policy);
      const isListed = decideListing(compiled, call);
      const isCallable = decide(compiled, call).effect !== 'deny';
      if (isCallable) expect(isListed).toBe(true);
      if (!compiled.usesArguments) expect(isListed).toBe(isCallable);
    };
    fc.assert(fc.property(policies, calls, check), fuzzing);
  },
  fuzzTimeoutMs,
);

test(
  'until the moment that is returned, no decision changes because of the time',
  () => {
    const check = (policy: Policy, call: Parameters<typeof decide>[1], share: number) => {
      const compiled = compilePolicy(policy);
      const next = changesAt(compiled, call.at) ?? call.at + 30 * 86_400_000;
      expect(next).toBeGreaterThan(call.at);
      const later = call.at + Math.floor((next - 1 - call.at) * share);
      for (const at of [later, next - 1]) expect(decide(compiled, { ...call, at })).toEqual(decide(compiled, call));
    };
    fc.assert(fc.property(policies, calls, fc.double({ min: 0, max: 1, noNaN: true }), check), fuzzing);
  },
  fuzzTimeoutMs,
);

test(
  'a pattern matches the same texts as the regular expression with .* for its stars',
  () => {
    const pattern = fc.array(fc.constantFrom('a', 'b', '*', '.'), { maxLength: 8 }).map((all) => all.join(''));
    const text = fc.array(fc.constantFrom('a', 'b', '.'), { maxLength: 12 }).map((all) => all.join(''));
    const check = (glob: string, name: string) => {
      const expression = new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
      expect(compilePatterns([glob])(name)).toBe(expression.test(name));
    };
    fc.assert(fc.property(pattern, text, check), { ...fuzzing, numRuns: Math.max(fuzzing.numRuns, 1000) });
  },
  fuzzTimeoutMs,
);

test('a pattern of stars is matched in time linear in the text', () => {
  const matchText = compilePatterns([`${'a*'.repeat(127)}b`]);
  expect(matchText('a'.repeat(1_000_000))).toBe(false);
});
