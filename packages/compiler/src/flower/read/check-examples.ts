import type { Validate } from '@toolplane/json-schema';
import type { Part } from '../../document/part.ts';
import { listExamples } from './examples.ts';
import { propertyViolations } from './property-violations.ts';

/**
 * Checks examples, because a model copies them. Each validation covers one example of every property: however many
 * properties exist, there are no more validations than examples of one property. Violations that exceed the limit of a
 * validation are not reported.
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
