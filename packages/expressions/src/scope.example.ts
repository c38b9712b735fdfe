import type { Scope } from './scope.ts';

/** Returns the scope of a run in the middle of its second step, for tests. */
export function exampleScope(inputs: Scope['inputs'] = {}): Scope {
  return {
    inputs: {
      city: 'Marseille',
      items: [{ name: 'a' }, { name: 'b' }],
      left_url: 'L',
      parking: 'Mail',
      delta: -3,
      nothing: null,
      ...inputs,
    },
    answers: {
      traveller: { action: 'accept', content: { name: 'Ada', seats: 2 } },
      summary: { role: 'assistant', content: { type: 'text', text: 'Short.' }, model: 'm' },
      folders: { roots: [{ uri: 'file:///a', name: 'A' }, { uri: 'file:///b' }] },
      skipped: null,
    },
    request: {
      method: 'GET',
      url: 'https://api.example.test/?q=1',
      query: { q: '1' },
      headers: { accept: '*/*' },
      body: null,
    },
    response: {
      status: 202,
      headers: { 'content-type': 'application/json' },
      body: {
        users: [
          { name: 'Alice', age: 25 },
          { name: 'Bob', age: 35 },
        ],
        current: { temperature_2m: 22.5, rain: 0 },
        current_units: { temperature_2m: '°C' },
        hourly: { temperature_2m: [1, 2, 3] },
        nested: [[1], [2, [3]]],
        status: 'pending',
        items: [1, 2, 3, 4],
        numbers: [10, 9, 1],
        score: 1.4,
        settings: { a: 1, b: 2 },
      },
    },
    outputs: { lat: 48.8 },
    steps: {
      'get-weather': { outputs: { t: [{ x: 1 }, { x: 2 }], temperature: 22.5 } },
      create_diff: { outputs: { id: 'abc' } },
    },
    secrets: { API_KEY: 'k' },
    current_user: { token: 'tok' },
    config: { org_id: 'acme' },
  };
}
