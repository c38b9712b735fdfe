import { planLimits } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { Settings } from '../model.ts';

const STEPS_RUN_MAX = 1000;

const KEYS = [
  'defaultSuccess',
  'actionInheritance',
  'endOnFailureIsError',
  'jsonPathCompat',
  'strictParameters',
  'strictReplacements',
  'retryAfterMax',
  'stepsMax',
];

/** Reads `x-settings`, which decide what the specification leaves open. */
export function readSettings(part: Part | undefined): Settings {
  part?.object();
  part?.allowKeys(KEYS);
  const flag = (key: string) => part?.member(key)?.boolean();
  const seconds = { min: 0, max: planLimits.deadlineMsMax / 1000, isWhole: false };
  const steps = { min: 1, max: STEPS_RUN_MAX, isWhole: true };
  return {
    defaultSuccess: part?.member('defaultSuccess')?.choice(['2xx', 'documented']) ?? '2xx',
    actionInheritance: part?.member('actionInheritance')?.choice(['merge', 'replace']) ?? 'merge',
    endOnFailureIsError: flag('endOnFailureIsError') ?? true,
    jsonPathCompat: flag('jsonPathCompat') ?? true,
    strictParameters: flag('strictParameters') ?? false,
    strictReplacements: flag('strictReplacements') ?? false,
    retryAfterSecondsMax: part?.member('retryAfterMax')?.number(seconds) ?? 60,
    stepsRunMax: part?.member('stepsMax')?.number(steps) ?? 200,
  };
}
