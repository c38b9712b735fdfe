import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type JsonObject, policySchema } from '@toolplane/contracts';
import { checkPolicy } from './check-policy.ts';
import { compilePolicy, decide, decideListing, type PolicyDecision } from './compiled-policy.ts';
import type { PolicyCaller } from './match-caller.ts';
import type { PolicyTool } from './match-tool.ts';

/*
 * What policies mean, as data: each call of a group is a case. `decision` is the effect and the rule, or only the
 * effect if no rule matched. A tool is listed unless the decision denies the call, or as `listed` says.
 */
type Call = {
  tool: string;
  caller: string;
  /** Monday noon by default. */
  at?: string;
  arguments?: JsonObject;
  decision: string;
  listed?: boolean;
};

type Cases = {
  tools: Record<string, PolicyTool>;
  callers: Record<string, PolicyCaller>;
  groups: { title: string; policy: unknown; calls: Call[] }[];
};

const MONDAY_NOON = '2026-03-02T12:00:00Z';

const { tools, callers, groups } = JSON.parse(
  readFileSync(new URL('../testdata/cases.json', import.meta.url), 'utf8'),
) as Cases;

test('there are at least 200 cases', () => {
  expect(groups.flatMap(({ calls }) => calls).length).toBeGreaterThanOrEqual(200);
});

describe.each(groups)('$title', ({ policy: written, calls }) => {
  const policy = policySchema.parse(written);
  const compiled = compilePolicy(policy);

  test('the policy has no problems', async () => {
    expect(await checkPolicy(policy)).toEqual([]);
  });

  test.each(calls.map((call, index) => ({ ...call, number: index + 1 })))(
    '$number: $tool, $caller, $at: $decision',
    ({ tool: toolName, caller: callerName, at = MONDAY_NOON, arguments: callArguments, decision, listed }) => {
      const [tool, caller] = [tools[toolName], callers[callerName]];
      if (tool === undefined || caller === undefined) throw new Error('the case names what is not there');
      const moment = { tool, caller, at: Date.parse(at) };
      const decided = decide(compiled, { ...moment, arguments: callArguments });
      expect(toText(decided)).toBe(decision);
      expect(decideListing(compiled, moment)).toBe(listed ?? decided.effect !== 'deny');
    },
  );
});

function toText({ effect, by, rule }: PolicyDecision): string {
  if (by === 'unmatched') return effect;
  expect(rule?.id).toBe(by.rule);
  return `${effect} ${by.rule}`;
}
