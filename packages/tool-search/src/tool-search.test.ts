import { describe, expect, test } from '@jest/globals';
import type { SearchableTool } from './tool-document.ts';
import { buildToolSearch } from './tool-search.ts';

function tool(slug: string, description = '', extra: Partial<SearchableTool> = {}): SearchableTool {
  const toolkit = slug.slice(0, slug.indexOf('.'));
  return { slug, toolkit, description, parameters: [], toolkitNames: [], ...extra };
}

const tools = [
  tool('slack.post_message', 'Post a message. Sends it to a channel.', { effect: 'writes' }),
  tool('slack.delete_message', 'Delete a message.', { effect: 'deletes' }),
  tool('slack.list_channels', 'List channels.', { effect: 'reads', toolkitNames: ['Slack Web API', 'chat'] }),
  tool('github.createIssue', 'Create an issue.', { effect: 'writes', parameters: ['assigneeLogin'] }),
  tool('github.listIssues', 'List issues.', { effect: 'reads' }),
  tool('github.list_issue_comments', 'List comments of an issue.', { effect: 'reads' }),
  tool('hr.get_holidays', 'How many days off somebody has left this year.', {
    effect: 'reads',
    title: 'Leave balance',
  }),
];
const search = await buildToolSearch(tools);
const find = (useCase: string, options = {}) =>
  search.search(useCase, { limit: 5, ...options }).map(({ slug }) => slug);

describe('a tool is found by', () => {
  test.each([
    ['its name, however it is written', 'create an issue', 'github.createIssue'],
    ['other forms of its words', 'posting messages', 'slack.post_message'],
    ['its title', 'leave balance', 'hr.get_holidays'],
    ['its description', 'days off this year', 'hr.get_holidays'],
    ['its parameters', 'assignee login', 'github.createIssue'],
    ['the name of its toolkit alone', 'hr', 'hr.get_holidays'],
    ['words of the same meaning', 'open a ticket', 'github.createIssue'],
    ['several words for one word', 'get rid of a message', 'slack.delete_message'],
    ['words with a typo', 'creating isssues', 'github.createIssue'],
  ])('%s', (_what, useCase, slug) => {
    expect(find(useCase)[0]).toBe(slug);
  });
});

test('a word may have at most two typos, however long it is', async () => {
  const one = await buildToolSearch([tool('kit.zyxwvutsrqponmlkjihg', 'Does it.')]);
  const findWith = (word: string) => one.search(word, { limit: 1 }).length;
  expect(['zyxwvutsrqponmlkjihg', 'zyxwvvtsrqpommlkjihg', 'zyxwvvtsrqqommlkkihg'].map(findWith)).toEqual([1, 1, 0]);
});

test('many unknown words do not hide the known ones', () => {
  const strange = ['qwrtz', 'xkcdv', 'zzyzx', 'vbnmq', 'plkjh', 'mnbvc'];
  expect(find(`${strange.join(' ')} create an issue`)[0]).toBe('github.createIssue');
});

test('of words that most tools contain, some are enough', async () => {
  const words = Array.from({ length: 12 }, (_, n) => `word${'abcdefghijkl'[n]}`);
  const alike = await buildToolSearch(
    Array.from({ length: 400 }, (_, n) =>
      tool(`kit.do_${n}`, words.filter((_word, at) => (n + at) % 12 > 3).join(' ')),
    ),
  );
  const found = alike.search(words.join(' '), { limit: 5 });
  expect(found).toHaveLength(5);
  expect(alike.search(words.join(' '), { limit: 5 })).toEqual(found);
});

test('a question finds a tool that reads, and a command finds a tool that acts', () => {
  expect(find('which issues are there')[0]).toBe('github.listIssues');
  expect(find('remove a message')[0]).toBe('slack.delete_message');
});

test('a toolkit named in the query ranks above all others', () => {
  expect(find('list everything of github')[0]).toMatch(/^github\./);
  expect(find('list all comments of slack channels')[0]).toBe('slack.list_channels');
});

test('of two accounts at one service, the one whose own name is in the query ranks first', async () => {
  const accounts = [
    tool('jira.create_issue', 'Create an issue.', { toolkitNames: ['Jira', 'Production'] }),
    tool('jira-2.create_issue', 'Create an issue.', { toolkitNames: ['Jira', 'Staging sandbox'] }),
  ];
  const search = await buildToolSearch([...accounts, ...tools]);
  const best = (useCase: string) => search.search(useCase, { limit: 5 })[0]?.slug;
  expect(best('create an issue in Jira production')).toBe('jira.create_issue');
  expect(best('create an issue in the Jira staging sandbox')).toBe('jira-2.create_issue');
});

test('a toolkit named after a thing is not preferred to others that deal with such things', async () => {
  const mixed = await buildToolSearch([
    tool('tickets.get_ticket', 'Gets a ticket.', { effect: 'reads' }),
    tool('desk.find_oldest_ticket', 'Finds the ticket that has waited longest.', { effect: 'reads' }),
  ]);
  expect(mixed.search('which ticket has waited longest', { limit: 1 })).toMatchObject([
    { slug: 'desk.find_oldest_ticket' },
  ]);
});

test('a search within a toolkit finds nothing outside it, and nothing at all without a match', () => {
  expect(find('list', { toolkit: 'slack' })).toEqual(['slack.list_channels']);
  expect(find('wash the dishes')).toEqual([]);
  expect(find('?!')).toEqual([]);
});

test('the same query has the same results, in whatever order the tools were given', async () => {
  const reversed = await buildToolSearch(tools.toReversed());
  for (const useCase of ['list issues', 'message', 'create', 'comments of an issue']) {
    const options = { limit: 5 };
    expect(reversed.search(useCase, options)).toEqual(search.search(useCase, options));
  }
});

test('tools of equal score are sorted by slug', async () => {
  const twins = await buildToolSearch(['c', 'a', 'd', 'b'].map((name) => tool(`${name}.send_fax`, 'Send a fax.')));
  const found = twins.search('send a fax', { limit: 3 });
  expect(found.map(({ slug }) => slug)).toEqual(['a.send_fax', 'b.send_fax', 'c.send_fax']);
  expect(new Set(found.map(({ score }) => score)).size).toBe(1);
});

test('an unknown slug leads to similar ones', () => {
  expect(search.suggest('github.create_isue')).toContain('github.createIssue');
  expect(search.suggest('slack.send_message')[0]).toBe('slack.post_message');
});

describe('how well a tool fits', () => {
  const fitOf = (useCase: string) => search.search(useCase, { limit: 1 })[0]?.fit ?? 0;

  test('depends on how much of the question it speaks of, and on nothing else', () => {
    expect(fitOf('delete a message')).toBe(1);
    expect(fitOf('delete')).toBe(1);
    expect(fitOf('open a ticket')).toBeCloseTo(0.7);
    expect(fitOf('delete a message from the aquarium')).toBeLessThan(1);
  });

  test.each([
    [
      'slack.post_message',
      'send John Smith a Slack message that the quarterly budget review moves to Thursday afternoon',
    ],
    [
      'slack.post_message',
      'post a message to the channel of Maria that the printer on the second floor smells of burnt toast',
    ],
    ['github.createIssue', 'create a GitHub issue that the login page crashes on Safari if the password has an umlaut'],
  ])('is enough for %s, whatever details are told: %s', (slug, useCase) => {
    const found = search.search(useCase, { limit: 1 });
    expect(found).toMatchObject([{ slug }]);
    expect(found[0]?.fit).toBeGreaterThan(0.3);
  });

  test('is little if it has only an ordinary word of the question, or one that looks alike', () => {
    for (const useCase of [
      'list the aquarium fish of my neighbour',
      'peel some potatoes and channle',
      'post the laundry, the groceries, the old curtains and the garden furniture to grandmother',
    ]) {
      expect(fitOf(useCase)).toBeGreaterThan(0);
      expect(fitOf(useCase)).toBeLessThan(0.3);
    }
  });
});

test('a search without tools finds nothing', async () => {
  const nothing = await buildToolSearch([]);
  expect(nothing.search('send a message', { limit: 5 })).toEqual([]);
  expect(nothing.suggest('a.b')).toEqual([]);
});

test('building an index alternates with other work', async () => {
  const many = Array.from({ length: 3000 }, (_, n) =>
    tool(`kit.do_thing_${n}`, `Does the thing of number ${n} at once.`),
  );
  let turns = 0;
  let isBuilt = false;
  const takeTurn = () => {
    turns += 1;
    if (!isBuilt) setImmediate(takeTurn);
  };
  setImmediate(takeTurn);
  await buildToolSearch(many);
  isBuilt = true;
  expect(turns).toBeGreaterThan(3);
});

test('queries of any kind and length do no harm', () => {
  for (const text of [
    '',
    ' '.repeat(500),
    'a'.repeat(500),
    'constructor __proto__ toString',
    '😀 ünï ćode',
    'x '.repeat(250),
  ]) {
    expect(Array.isArray(find(text))).toBe(true);
  }
});
