/*
 * P6: the time from a document to its tools. A Flower and an Arazzo document of 20 steps, the latter with an OpenAPI
 * document of 1 000 operations, are compiled in this process; then a whole deployment is measured, from the request to
 * the tool in the client's list.
 */
import { compileDocument } from '@toolplane/compiler';
import { deployServer, startPlatform } from '../src/platform.ts';
import { median, percentile, report } from './measure.ts';

const ROUNDS = Number(process.argv[2] ?? 15);
/** A compile process is reused for many documents, so the time of a warm one counts. */
const COMPILES_PER_ROUND = 5;
const STEPS = 20;
const OPERATIONS = 1000;
const owner = { workspaceId: 'ws', serverId: 'srv', secretNames: ['KEY'], allowedHosts: [] };

const openApiOf = (operations: number) =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Large', version: '1.0.0' },
    servers: [{ url: 'https://api.example.com/v1' }],
    paths: Object.fromEntries(
      Array.from({ length: operations }, (_, index) => [
        `/things${index}/{id}`,
        {
          get: {
            operationId: `getThing${index}`,
            summary: `Get thing ${index}`,
            parameters: [
              { $ref: '#/components/parameters/id' },
              { name: 'q', in: 'query', schema: { type: 'string' } },
            ],
            responses: {
              200: { description: 'The thing', content: { 'application/json': { schema: { type: 'object' } } } },
            },
          },
        },
      ]),
    ),
    components: { parameters: { id: { name: 'id', in: 'path', required: true, schema: { type: 'string' } } } },
  });

const arazzo = JSON.stringify({
  arazzo: '1.0.1',
  info: { title: 'Large', version: '1.0.0' },
  sourceDescriptions: [{ name: 'large', url: './large.json', type: 'openapi' }],
  workflows: [
    {
      workflowId: 'twenty',
      description: 'Get a thing, and what it leads to, twenty times.',
      inputs: {
        type: 'object',
        properties: { id: { type: 'string', description: 'Where to begin' } },
        required: ['id'],
      },
      steps: Array.from({ length: STEPS }, (_, index) => ({
        stepId: `s${index}`,
        operationId: `getThing${index}`,
        parameters: [
          { name: 'id', in: 'path', value: index === 0 ? '$inputs.id' : `$steps.s${index - 1}.outputs.next` },
          { name: 'q', in: 'query', value: 'about {$inputs.id}' },
        ],
        successCriteria: [
          { condition: '$statusCode == 200' },
          { context: '$response.body', type: 'jsonpath', condition: '$.items[?@.ok == true]' },
        ],
        onFailure: [{ name: 'again', type: 'retry', retryLimit: 2, criteria: [{ condition: '$statusCode == 503' }] }],
        outputs: { next: '$response.body#/items/0/next' },
      })),
      outputs: { last: `$steps.s${STEPS - 1}.outputs.next` },
    },
  ],
});

const flower = [
  'flower: "0.1"',
  'id: twenty',
  'flows:',
  '  - id: twenty',
  '    description: Get a thing, and what it leads to, twenty times.',
  '    inputs: { properties: { id: { type: string, description: Where to begin } }, required: [id] }',
  '    steps:',
  ...Array.from({ length: STEPS }, (_, index) => [
    `      - id: s${index}`,
    '        request:',
    '          method: GET',
    `          url: https://api.example.com/v1/things/${index === 0 ? '$inputs.id' : `$steps.s${index - 1}.outputs.next`}`,
    '          headers: { authorization: "Bearer $secrets.KEY" }',
    '        outputs: { next: "$response.body.items[0].next" }',
    '        actions: [{ when: "$statusCode == 503", do: retry, max_retry: 2 }, { when: "$statusCode == 200", do: next }]',
  ]).flat(),
  `    outputs: { last: $steps.s${STEPS - 1}.outputs.next }`,
].join('\n');

const referencesOf = (operations: number) => [
  { name: 'large', content: openApiOf(operations), location: './large.json' },
];
const [small, large] = [referencesOf(STEPS), referencesOf(OPERATIONS)];
const rows = [
  measure('Flower, 20 steps', () => compileDocument(flower, owner)),
  measure('Arazzo, 20 steps, OpenAPI of 20 operations', () => compileDocument(arazzo, { ...owner, references: small })),
  measure('Arazzo, 20 steps, OpenAPI of 1 000 operations', () =>
    compileDocument(arazzo, { ...owner, references: large }),
  ),
  await measureDeployments(),
];
console.log('P6: goals ≤ 20 ms for 20 steps, ≤ 1 s from the deployment to the visible tool');
report('compile', rows, { rounds: ROUNDS, openApiBytes: large[0]?.content.length });

function measure(what: string, compile: () => ReturnType<typeof compileDocument>) {
  const times = Array.from({ length: ROUNDS * COMPILES_PER_ROUND }, () => {
    const startedAt = performance.now();
    const { document, diagnostics } = compile();
    if (document === undefined) throw new Error(JSON.stringify(diagnostics.slice(0, 3)));
    return performance.now() - startedAt;
  });
  return toRow(what, times);
}

async function measureDeployments() {
  await using platform = await startPlatform();
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedAt = performance.now();
    await deployServer(platform, `bench-compile-${round}`, arazzo, {}, { references: large });
    times.push(performance.now() - startedAt);
  }
  return toRow('create a server, deploy the Arazzo document, see its tool', times);
}

function toRow(what: string, times: number[]) {
  const [first = 0, ...warm] = times;
  const round = (ms: number) => Math.round(ms * 10) / 10;
  return {
    what,
    'first, ms': round(first),
    'median, ms': round(median(warm)),
    'p90, ms': round(percentile(warm, 0.9)),
    'max, ms': round(Math.max(...warm)),
  };
}
