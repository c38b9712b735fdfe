import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import { type ArazzoFixture, deployFixture, readFixture, testdata } from '../src/arazzo-fixtures.ts';
import { connectModern, type McpClient } from '../src/mcp-clients.ts';
import { type Mock, type MockApi, startMockApi } from '../src/mock-api.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';

/* The examples of the Arazzo specification: deployed as they are and called by a real MCP client. */

const examples = join(testdata, 'oai-arazzo-specification', 'examples', '1.0.0');

let platform: TestPlatform;
let api: MockApi;
beforeAll(async () => {
  api = await startMockApi();
  platform = await startPlatform();
});
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await api?.[Symbol.asyncDispose]();
});

async function connectTo(name: string, fixture: ArazzoFixture): Promise<McpClient> {
  const server = await deployFixture(platform, name, fixture, api);
  return connectModern(server.url, platform.apiKey);
}

const sent = () => api.seen.map(({ method, path }) => `${method} ${path}`);

describe('pet-coupons', () => {
  const pets: Mock[] = [
    { method: 'GET', path: '/pet/findByTags', status: 200, answer: [{ id: 7, name: 'Rex' }, { id: 8 }] },
    { method: 'GET', path: '/pet/findByStatus', status: 200, answer: [{ id: 9 }] },
    { method: 'GET', path: '/pet/7/coupons', status: 200, answer: { couponCode: 'DOG20', internal: 'canary' } },
    { method: 'POST', path: '/store/order', status: 200, answer: { id: 1001, petId: 7 } },
  ];
  let client: McpClient;
  beforeAll(async () => {
    client = await connectTo('official-pets', readFixture(join(examples, 'pet-coupons.arazzo.yaml')));
  });
  afterAll(async () => {
    await client?.[Symbol.asyncDispose]();
  });

  test('each workflow is a tool with the inputs of its workflow', async () => {
    const tools = await client.listTools();
    expect(tools.map(({ name }) => name).toSorted()).toEqual(['apply-coupon', 'buy-available-pet', 'place-order']);
    const apply = tools.find(({ name }) => name === 'apply-coupon');
    expect(apply?.inputSchema).toMatchObject({ type: 'object', properties: { my_pet_tags: { type: 'array' } } });
  });

  test('arguments are checked against the inputs of the workflow before anything runs, all violations at once', async () => {
    api.program(pets);
    const { isError, structuredContent } = await client.callTool('place-order', { pet_id: 'x', quantity: 'many' });
    expect([isError, structuredContent['code']]).toEqual([true, 'invalid_arguments']);
    expect(structuredContent['details']).toMatchObject([{ path: '/pet_id' }, { path: '/quantity' }]);
    expect(sent()).toEqual([]);
  });

  test('apply-coupon finds a pet and its coupon, and calls the workflow that places the order', async () => {
    api.program(pets);
    const { structuredContent } = await client.callTool('apply-coupon', { my_pet_tags: ['dog', 'small'] });
    expect(structuredContent).toEqual({ apply_coupon_pet_order_id: 1001 });
    expect(sent()).toEqual(['GET /pet/findByTags', 'GET /pet/7/coupons', 'POST /store/order']);
    expect(JSON.parse(api.seen[2]?.body ?? '')).toEqual({
      petId: 7,
      couponCode: 'DOG20',
      status: 'placed',
      complete: false,
    });
  });

  test('a pet without a coupon fails the tool with the step and the status, and nothing of the answer', async () => {
    api.program([{ method: 'GET', path: '/pet/7/coupons', status: 404, answer: { message: 'canary' } }, ...pets]);
    const answer = await client.callTool('apply-coupon', { my_pet_tags: ['dog'] });
    expect(answer).toMatchObject({
      isError: true,
      structuredContent: { code: 'step_failed', step_id: 'find-coupons', status: 404, outcome: 'done' },
    });
    expect(JSON.stringify(answer)).not.toContain('canary');
  });
});

describe('BNPL', () => {
  const plan = { status: 'Finalised', totalAmount: { currency: 'USD', amount: 1250 } };
  const found = (answer: Record<string, Json>): Mock => ({
    method: 'POST',
    path: '/bnpl/v1/products',
    status: 200,
    answer,
  });
  const loans: Mock[] = [
    { method: 'GET', path: '/bnpl/v1/terms-and-conditions', status: 200, answer: ['Pay.'] },
    { method: 'POST', path: '/bnpl/v1/customers', status: 201, answer: { links: { self: 'https://x.example/c/1' } } },
    {
      method: 'POST',
      path: '/bnpl/v1/loan-transactions',
      status: 202,
      answer: { redirectAuthToken: null, loanTransactionId: 'L1', links: { self: 'https://x.example/l/1' } },
    },
    { method: 'GET', path: '/bnpl/v1/loan-transactions/L1', status: 200, answer: plan },
    { method: 'PATCH', path: '/bnpl/v1/loan-transactions/L1/status', status: 204 },
  ];
  const order = {
    customer: { firstName: 'J "Q"', lastName: 'Doe', dateOfBirth: '1990-01-01T00:00:00Z', postalCode: '12345' },
    products: [{ productCode: 'P1', purchaseAmount: { currency: 'USD', amount: 750 } }],
  };
  const official = readFixture(join(examples, 'bnpl-arazzo.yaml'));
  const tool = 'ApplyForLoanAtCheckout';

  test('goes on when products are eligible, and ends when there are none', async () => {
    await using client = await connectTo('official-bnpl', official);
    api.program([found({ existingCustomerNotEligible: true, products: [], eligibilityCheckRequired: true }), ...loans]);
    expect(await client.callTool(tool, order)).toMatchObject({ structuredContent: {} });
    expect(sent()).toContain('GET /bnpl/v1/terms-and-conditions');
    api.program([found({ existingCustomerNotEligible: true }), ...loans]);
    expect(await client.callTool(tool, order)).toMatchObject({ structuredContent: {} });
    expect(sent()).toEqual(['POST /bnpl/v1/products']);
  });

  test('the JSON templates of the document send typed values, and no value breaks out of them', async () => {
    await using client = await connectTo('official-bnpl-2', official);
    api.program([
      found({ existingCustomerNotEligible: true, products: ['P1'], eligibilityCheckRequired: true }),
      ...loans,
    ]);
    await client.callTool(tool, order);
    expect(JSON.parse(api.seen[0]?.body ?? '')).toEqual({
      customer: order.customer,
      products: order.products,
    });
  });

  test('runs to its last step once the output that its own steps name is declared', async () => {
    const declared = 'loanTransactionResourceUrl: $response.body#/links/self';
    const definition = official.definition.replace(
      declared,
      `${declared}\n      loanTransactionId: $response.body#/loanTransactionId`,
    );
    await using client = await connectTo('official-bnpl-3', { ...official, definition });
    api.program([
      found({ existingCustomerNotEligible: true, products: ['P1'], eligibilityCheckRequired: true }),
      ...loans,
    ]);
    const { structuredContent } = await client.callTool(tool, order);
    expect(structuredContent).toEqual({ finalizedPaymentPlan: plan });
    expect(sent()).toEqual([
      'POST /bnpl/v1/products',
      'GET /bnpl/v1/terms-and-conditions',
      'POST /bnpl/v1/customers',
      'POST /bnpl/v1/loan-transactions',
      'GET /bnpl/v1/loan-transactions/L1',
      'PATCH /bnpl/v1/loan-transactions/L1/status',
    ]);
  });
});
