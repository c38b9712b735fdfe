import { describe, expect, test } from '@jest/globals';
import { describeTool } from './describe-tool.ts';
import { nameTools } from './name-tools.ts';

describe('tools are named by a verb and its object', () => {
  test.each([
    ['GET /repos/{owner}/{repo} repos/get', 'get_repo'],
    ['GET /repos/{owner}/{repo}/branches repos/list-branches', 'list_branches'],
    ['GET /repos/{owner}/{repo}/issues issues/list-for-repo', 'list_issues_for_repo'],
    ['POST /repos/{owner}/{repo}/issues issues/create', 'create_issue'],
    ['GET /search/code search/code', 'search_code'],
    ['GET /meta meta/root', 'get_meta_root'],
    ['POST /x actions/re-run-workflow', 'rerun_workflow'],
    ['GET /v1/customers GetCustomers', 'list_customers'],
    ['GET /v1/customers/{customer} GetCustomersCustomer', 'get_customer'],
    ['POST /v1/customers PostCustomers', 'create_customer'],
    ['POST /v1/customers/{customer} PostCustomersCustomer', 'update_customer'],
    ['POST /v1/invoices/{invoice}/pay PostInvoicesInvoicePay', 'pay_invoice'],
    ['GET /v1/customers/search GetCustomersSearch', 'search_customers'],
    ['DELETE /v1/tax_ids/{id} DeleteTaxIdsId', 'delete_tax_id'],
    ['POST /chat.postMessage chat_postMessage', 'post_message'],
    ['GET /conversations.list conversations_list', 'list_conversations'],
    ['POST /reactions.add reactions_add', 'add_reactions'],
    ['GET /users/{id} Users_GetById', 'get_user_by_id'],
    ['GET /items/{item_id} read_item_items__item_id__get', 'read_item'],
    ['GET /a getThingUsingGET_1', 'get_thing'],
    ['PUT /pets/{id} ', 'update_pet'],
    ['PUT /groups/{group_id} put_groups_id', 'update_group'],
    ['POST /im/chat/messages sendchatbot', 'create_sendchatbot'],
    ['GET / ', 'get_root'],
    ['GET /projects/all ', 'list_all_projects'],
    ['GET /2010-04-01/Accounts/{Sid}/Calls.json ', 'list_account_calls'],
  ])('%s → %s', (operation, name) => {
    expect(nameTools([named(operation)])).toEqual([name]);
  });

  test.each([
    ['POST /x booking', 'Book a room', 'create_booking'],
    ['GET /x/{id} booking', 'Book', 'get_booking'],
    ['GET /listings listings', 'List listings', 'list_listings'],
    ['POST /im/chat/messages sendchatbot', 'Send chatbot messages', 'send_chatbot'],
  ])('a noun that is also a verb form is not taken as a verb: %s, %s → %s', (operation, summary, name) => {
    expect(nameTools([{ ...named(operation), summary }])).toEqual([name]);
  });

  test('tools that would get the same name are distinguished by their context', () => {
    const operations = [
      'GET /a actions/list-repo-secrets',
      'GET /b dependabot/list-repo-secrets',
      'GET /v1/account ',
      'GET /v1/accounts/{account} ',
    ];
    expect(nameTools(operations.map(named))).toEqual([
      'list_actions_repo_secrets',
      'list_dependabot_repo_secrets',
      'get_account',
      'get_account_by_id',
    ]);
  });

  test('no name occurs twice or has more than 64 characters', () => {
    const long = `list-${'very-'.repeat(30)}long-things`;
    const names = nameTools([`GET /a ${long}`, `GET /b ${long}`, 'GET /a x', 'GET /a x'].map(named));
    expect(new Set(names).size).toBe(4);
    expect(names.every((name) => name.length <= 64)).toBe(true);
  });
});

describe('descriptions are one or two plain sentences that begin with a verb', () => {
  const describeIt = (summary: string, description = '') =>
    describeTool('get_thing', { summary, description, isDeprecated: false }, 'Things API');

  test.each([
    [
      'Markdown and HTML are removed',
      'Get a `thing`',
      '<p>See **the** [docs](https://a.example). It has parts &amp; more.</p>',
      'Get a thing. It has parts & more.',
    ],
    ['nothing is repeated', 'List all things', 'Lists all things.', 'List all things in Things API.'],
    ['a verb is put before a noun', 'The thing itself', '', 'Get thing: The thing itself.'],
    [
      'how to call an API by hand is omitted',
      'Get the thing of a person',
      'You need an OAuth token with the scope `a`.',
      'Get the thing of a person.',
    ],
    ['no description', '', '', 'Get thing in Things API.'],
    [
      'abbreviations do not end a sentence',
      'Get the thing',
      'Has parts, e.g. Wheels. More. And more.',
      'Get the thing. Has parts, e.g. Wheels.',
    ],
  ])('%s', (_, summary, description, expected) => {
    expect(describeIt(summary, description)).toBe(expected);
  });

  test('and never longer than 500 characters', () => {
    expect(describeIt('x'.repeat(900)).length).toBeLessThanOrEqual(500);
  });
});

function named(text: string) {
  const [method = '', path = '', operationId = ''] = text.split(' ');
  return { method, path, ...(operationId === '' ? {} : { operationId }) };
}
