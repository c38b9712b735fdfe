import { setImmediate as nextTurn } from 'node:timers/promises';
import { appendPointer, type Policy, type PolicyRule } from '@toolplane/contracts';
import { compileJsonSchema, JsonSchemaError } from '@toolplane/json-schema';
import { createLocalTime } from './local-time.ts';

/** `path` is a JSON Pointer into the policy. */
export type PolicyProblem = { path: string; message: string };

/**
 * Returns the problems of a policy of the right shape, which may be published if there are none. Schemas take a while
 * to compile, so this yields to the event loop between the rules.
 */
export async function checkPolicy(policy: Policy): Promise<PolicyProblem[]> {
  const rules = policy.rules.map((rule, index) => ({ ...rule, path: `/rules/${index}` }));
  const limits = policy.limits.map((limit, index) => ({ ...limit, path: `/limits/${index}` }));
  const ofRules: PolicyProblem[] = [];
  for (const { path, ...rule } of rules) {
    ofRules.push(...checkRule(rule, path));
    await nextTurn();
  }
  return [
    ...findRepeatedIds([...rules, ...limits]),
    ...ofRules,
    ...limits
      .filter(({ calls, concurrent }) => calls === undefined && concurrent === undefined)
      .map(({ path }) => ({ path, message: 'must have "calls" or "concurrent", or both' })),
  ];
}

function findRepeatedIds(all: readonly { id: string; path: string }[]): PolicyProblem[] {
  const first = new Map<string, string>();
  return all.flatMap(({ id, path }) => {
    const other = first.get(id);
    if (other === undefined) first.set(id, path);
    return other === undefined ? [] : [{ path: `${path}/id`, message: `must be unique: ${other} already has "${id}"` }];
  });
}

function checkRule({ effect, approval, arguments: schema, times }: PolicyRule, path: string): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  if (approval !== undefined && effect !== 'approve') {
    problems.push({ path: `${path}/approval`, message: 'is allowed only with the effect "approve"' });
  }
  if (times !== undefined && createLocalTime(times.timezone) === undefined) {
    const message = 'must be a time zone from the IANA database, such as "Europe/Berlin"';
    problems.push({ path: `${path}/times/timezone`, message });
  }
  if (times?.from !== undefined && times.from === times.to) {
    const message = 'must differ from "from": leave out both for the whole day';
    problems.push({ path: `${path}/times/to`, message });
  }
  const problem = schema === undefined ? undefined : findSchemaError(schema);
  if (problem !== undefined) {
    const pointer = problem.pointer === '' || problem.pointer.startsWith('/') ? problem.pointer : `/${problem.pointer}`;
    problems.push({ path: `${appendPointer(path, 'arguments')}${pointer}`, message: problem.message });
  }
  return problems;
}

function findSchemaError(schema: NonNullable<PolicyRule['arguments']>): JsonSchemaError | undefined {
  try {
    compileJsonSchema(schema);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof JsonSchemaError) return thrown;
    throw thrown;
  }
}
