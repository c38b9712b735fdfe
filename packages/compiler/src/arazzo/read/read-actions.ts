import { definedOnly, planLimits } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { Action } from '../model.ts';
import { allowKeys } from './allow-keys.ts';
import { checkUnique } from './check-unique.ts';
import { findComponent, isReusable, type Reading } from './components.ts';
import { readCriteria } from './read-criteria.ts';
import { readParameters } from './read-parameters.ts';
import { requiredText, textMember } from './text-member.ts';

const ACTIONS_MAX = 100;
const RETRIES_MAX = 100;
/** One day. A wait that is longer than a call may take causes a warning; one that is longer than this is an error. */
const WAIT_SECONDS_MAX = 86_400;
const CALL_SECONDS_MAX = planLimits.deadlineMsMax / 1000;

type Kind = 'successActions' | 'failureActions';

const forms = {
  successActions: { types: ['end', 'goto'], keys: [] },
  failureActions: { types: ['end', 'goto', 'retry'], keys: ['retryAfter', 'retryLimit'] },
} as const;

export function readActions(part: Part | undefined, reading: Reading, kind: Kind): Action[] | undefined {
  const items = part?.items({ max: ACTIONS_MAX, what: 'actions', canBeEmpty: true });
  const actions = items?.flatMap((item) => readUsed(item, reading, kind) ?? []);
  checkUnique(
    'duplicate_name',
    (actions ?? []).map(({ name, part: action }) => ({
      key: name,
      part: action,
      message: `Duplicate action "${name}" in this list`,
    })),
  );
  return actions;
}

function readUsed(part: Part, reading: Reading, kind: Kind): Action | undefined {
  if (!isReusable(part)) return readAction(part, reading, kind);
  const hint = 'Only the value of a parameter can be replaced.';
  part.member('value')?.warn('ignored_key', '"value" has no effect on an action', hint, { at: 'key' });
  const component = findComponent(part, kind, reading.components[kind]);
  return component === undefined ? undefined : { ...component, part };
}

export function readAction(part: Part, reading: Reading, kind: Kind): Action | undefined {
  if (part.object() === undefined) return undefined;
  const { types, keys } = forms[kind];
  allowKeys(part, reading.minor, ['name', 'type', 'workflowId', 'stepId', 'criteria', ...keys], ['parameters']);
  const name = requiredText(part, 'name')?.text();
  const type = part.required('type')?.choice(types);
  const targets = { stepId: textMember(part, 'stepId'), workflowId: textMember(part, 'workflowId') };
  checkTargets(part, type);
  const retry = { retryAfterSeconds: readWait(part.member('retryAfter')), retryLimit: readLimit(part) };
  const parameters = readParameters(part.member('parameters'), reading, 'workflow');
  const criteria = readCriteria(part.member('criteria'), reading, { canBeEmpty: kind === 'failureActions' }) ?? [];
  if (name === undefined || type === undefined) return undefined;
  return {
    part,
    name,
    type,
    parameters,
    criteria,
    ...(type === 'end' ? {} : definedOnly(targets)),
    ...(type === 'retry' ? definedOnly(retry) : {}),
  };
}

function checkTargets(part: Part, type: Action['type'] | undefined): void {
  const hasBoth = part.member('stepId') !== undefined && part.member('workflowId') !== undefined;
  if (type === 'goto') part.onlyOne(['stepId', 'workflowId']);
  if (type === 'retry' && hasBoth) part.onlyOne(['stepId', 'workflowId']);
  for (const key of type === 'end' ? ['stepId', 'workflowId', 'retryAfter', 'retryLimit'] : []) warnIgnored(part, key);
  for (const key of type === 'goto' ? ['retryAfter', 'retryLimit'] : []) warnIgnored(part, key);
  const parameters = part.member('parameters');
  if (parameters === undefined || part.member('workflowId') !== undefined) return;
  const hint = 'They are the inputs of a workflow: add "workflowId".';
  parameters.error('misplaced_key', '"parameters" are allowed only together with "workflowId"', hint, { at: 'key' });
}

function warnIgnored(part: Part, key: string): void {
  const hint = 'Remove it, or choose another type.';
  part.member(key)?.warn('ignored_key', `"${key}" has no effect in an action of this type`, hint, { at: 'key' });
}

function readWait(part: Part | undefined): number | undefined {
  const seconds = part?.number({ min: 0, max: WAIT_SECONDS_MAX, isWhole: false });
  if (seconds !== undefined && seconds > CALL_SECONDS_MAX) {
    const hint = '"retryAfter" is in seconds.';
    part?.warn('long_wait', `No call lasts longer than ${CALL_SECONDS_MAX} seconds, so this wait never ends`, hint);
  }
  return seconds;
}

function readLimit(part: Part): number | undefined {
  return part.member('retryLimit')?.number({ min: 0, max: RETRIES_MAX, isWhole: true });
}
