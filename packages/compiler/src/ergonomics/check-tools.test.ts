import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@toolplane/contracts';
import { type Audience, checkTools } from './check-tools.ts';

type Tool = { name: string; description?: string; inputSchema?: JsonObject };

function warnings(tools: Tool[], audience: Audience = {}): string[] {
  const found: string[] = [];
  const placed = tools.map(
    ({ inputSchema = { type: 'object' }, description = 'Finds a train by its number.', name }) => ({
      name,
      description,
      inputSchema,
      warn(member: string, code: string, message: string, hint: string | (() => string)) {
        found.push(`${member} ${code}: ${message}. ${typeof hint === 'string' ? hint : hint()}`);
      },
    }),
  );
  checkTools(placed, audience, (code, message) => found.push(`${code}: ${message}`));
  return found;
}

const nameOf = (length: number) => 'n'.repeat(length);

describe('names', () => {
  test('of 64 characters with the prefix of clients are accepted, of 65 not', () => {
    const slug = 'railway';
    expect(warnings([{ name: nameOf(50) }], { slug })).toEqual([]);
    expect(warnings([{ name: nameOf(51) }], { slug })).toEqual([
      expect.stringContaining(`/name long_name: Some clients call this "mcp__railway__${nameOf(51)}"`),
    ]);
  });

  test('over 40 characters are reported if the server is not known', () => {
    expect(warnings([{ name: nameOf(40) }])).toEqual([]);
    expect(warnings([{ name: nameOf(41) }])).toEqual([expect.stringContaining('/name long_name')]);
  });

  test('get a suggestion that is shorter, from the same words, and not in use', () => {
    const name = 'find_all_of_the_trains_that_leave_from_a_station_on_a_certain_day';
    const [hint] = warnings([{ name }, { name: 'find_trains_leave_station_certain_day' }], { slug: 'trains' });
    expect(hint).toContain('Choose at most 40 characters, for instance "find_trains_leave_station_certain_day_2".');
  });

  test('are not seen by clients in mode SMART', () => {
    expect(warnings([{ name: nameOf(100) }], { slug: 'railway', mode: 'SMART' })).toEqual([]);
    expect(warnings([{ name: nameOf(100) }], { slug: 'railway', mode: 'NORMAL' })).toHaveLength(1);
  });

  test('can be too long because of the name of the server', () => {
    const [hint] = warnings([{ name: 'find_train' }], { slug: nameOf(55) });
    expect(hint).toContain('Choose a shorter name for the server.');
  });
});

describe('the number of tools', () => {
  const tools = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `find_train_${index}` }));

  test('is reported above 40', () => {
    expect(warnings(tools(40))).toEqual([]);
    expect(warnings(tools(41))).toEqual([
      'too_many_tools: There are 41 tools; many clients show a model only the first 40',
    ]);
  });

  test('does not matter if a model searches for tools', () => {
    expect(warnings(tools(41), { mode: 'SMART' })).toEqual([]);
    expect(warnings(tools(41), { mode: 'NORMAL' })).toHaveLength(1);
  });
});

describe('descriptions', () => {
  test.each([
    ['', 'missing_description'],
    ['  ', 'missing_description'],
    ['Find train', 'vague_description: The description only repeats the name'],
    ['Finds trains', 'vague_description: The description is shorter than 20 characters'],
    ['The timetable of a station for a day', 'vague_description: The description does not say what the tool does'],
  ])('%j is reported', (description, problem) => {
    expect(warnings([{ name: 'find_train', description }])).toEqual([expect.stringContaining(problem)]);
  });
});

test('a description in Chinese, Japanese or Korean needs half as many characters', () => {
  const count = (description: string) => warnings([{ name: 'find_train', description }]).length;
  expect(count('按编号查询工单状态并返回负责人邮箱')).toBe(0);
  expect(count('按编号查询工单状态')).toBe(1);
});

describe('inputs', () => {
  test('that are required have a description, here or where they are defined', () => {
    const inputSchema = {
      type: 'object',
      $defs: { day: { type: 'string', description: 'As 2026-01-31' }, place: { type: 'string' } },
      properties: {
        train: { type: 'integer' },
        berth: { type: 'string', description: ' ' },
        day: { $ref: '#/$defs/day' },
        from: { $ref: '#/$defs/place' },
        via: { type: 'string' },
      },
      required: ['train', 'berth', 'day', 'from'],
    };
    expect(warnings([{ name: 'find_train', inputSchema }]).map((line) => line.split(':')[0])).toEqual([
      '/inputSchema/properties/train undocumented_input',
      '/inputSchema/properties/berth undocumented_input',
      '/inputSchema/properties/from undocumented_input',
    ]);
  });

  test('that look like credentials belong in secrets', () => {
    const named = 'apiKey access-key auth_token Password private_key secret_key passwords password2 pwd ssh_key otp';
    const names = `${named} pin cvv bearer user_pass APIKEY API_TOKEN api_key_value client_secret accessToken`.split(
      ' ',
    );
    const harmless =
      'tokens_used max_tokens key secretary page_token nextPageToken next_token syncToken cursor_token boarding_pass pinned';
    const texts = [...names, ...harmless.split(' ')].map((name): [string, JsonObject] => [name, { type: 'string' }]);
    const inputSchema = {
      properties: {
        ...Object.fromEntries(texts),
        wants_password: { type: 'boolean' },
        word: { type: 'string', format: 'password' },
        value: { type: 'string', title: 'Your API key' },
      },
    };
    expect(warnings([{ name: 'find_train', inputSchema }]).map((line) => line.split(':')[0])).toEqual(
      [...names, 'word', 'value'].map((name) => `/inputSchema/properties/${name} credential_input`),
    );
  });

  test('that look like credentials are found inside others', () => {
    const password = { properties: { password: { type: 'string' } } };
    const inputSchema = {
      properties: { auth: password, all: { items: { anyOf: [password] } } },
      $defs: { a: password },
    };
    expect(warnings([{ name: 'find_train', inputSchema }]).map((line) => line.split(' ')[0])).toEqual([
      '/inputSchema/properties/auth/properties/password',
      '/inputSchema/properties/all/items/anyOf/0/properties/password',
      '/inputSchema/$defs/a/properties/password',
    ]);
  });
});
