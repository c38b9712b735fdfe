import { parseArgs } from 'node:util';
import { chooseFaults } from './faults.ts';

export type Options = {
  minutes: number;
  seed: number;
  /** Calls per second. */
  rate: number;
  /** Parts of the names of the faults to inject; if empty, all faults are. */
  only: readonly string[];
  /** Whether the table is written into the reference. */
  isWritten: boolean;
  isList: boolean;
};

export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '60' },
      seed: { type: 'string' },
      rate: { type: 'string', default: '150' },
      only: { type: 'string', multiple: true, default: [] },
      write: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
    },
  });
  const seed = values.seed ?? String(Math.floor(Math.random() * 1e6));
  const only = values.only.flatMap((names) => names.split(',')).filter((name) => name !== '');
  const options = {
    minutes: toNumber('minutes', values.minutes, 0.5, 24 * 60),
    seed: toNumber('seed', seed, 0, 1e9),
    rate: toNumber('rate', values.rate, 1, 1000),
    only,
    isWritten: values.write,
    isList: values.list,
  };
  if (chooseFaults(options).length === 0) {
    throw new Error(`no fault has "${only.join('" or "')}" in its name; --list names all of them`);
  }
  return options;
}

function toNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= min && value <= max) return value;
  throw new Error(`--${name} is a number from ${min} to ${max}`);
}

/** The command that repeats the schedule of a run. */
export function toCommand({ minutes, seed, rate, only }: Options): string {
  const faults = only.length === 0 ? '' : ` --only '${only.join(',')}'`;
  return `npm run faults -- --minutes ${minutes} --seed ${seed} --rate ${rate}${faults}`;
}
