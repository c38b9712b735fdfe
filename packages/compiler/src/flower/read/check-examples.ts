import type { Validate } from '@toolplane/json-schema';
import type { Part } from '../../document/part.ts';
import { listExamples } from './examples.ts';
import { propertyViolations } from './property-violations.ts';

/**
 * A model copies what it is shown. One example of each property at a time: however many properties there are, there are
 * no more validations than examples of one. Violations beyond those that a validation lists are not reported.
 */
export function checkExamples(part: Part, validate: Validate): void {
  const examples = listExamples(part);
  const rounds = Math.max(0, ...examples.map(({ list }) => list.length));
  for (let round = 0; round < rounds; round += 1) {
    const shown = new Map(
      examples.flatMap(({ name, list }): [string, Part][] => {
        const example = list[round];
        return example === undefined ? [] : [[name, example]];
      }),
    );
    const value = Object.fromEntries([...shown].map(([name, example]) => [name, example.value]));
    for (const { name, message } of propertyViolations(validate, value)) {
      shown.get(name)?.warn('invalid_example', `An example of "${name}" ${message}`, 'Correct the example.');
      shown.delete(name);
    }
  }
}
