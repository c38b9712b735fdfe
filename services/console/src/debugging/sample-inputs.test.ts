import { describe, expect, test } from '@jest/globals';
import { toSampleInputs } from './sample-inputs.ts';

describe('sample inputs', () => {
  test('are the required ones, with their default, their first allowed value, or a value of their type', () => {
    const properties = {
      class: { type: 'string', enum: ['seat', 'sleeper'] },
      count: { type: 'integer', default: 2 },
      train: { type: ['integer', 'null'] },
      passenger: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
      stops: { type: 'array' },
      isLate: { type: 'boolean' },
      note: { type: 'string' },
    };
    const required = ['class', 'count', 'train', 'passenger', 'stops', 'isLate', 'unheard_of'];
    expect(toSampleInputs({ properties, required })).toEqual({
      class: 'seat',
      count: 2,
      train: 1,
      passenger: { name: '' },
      stops: [],
      isLate: false,
      unheard_of: '',
    });
    expect(toSampleInputs({})).toEqual({});
  });
});
