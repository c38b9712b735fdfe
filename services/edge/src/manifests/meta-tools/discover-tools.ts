import {
  type MetaToolDefinition,
  nextStepsSchema,
  objectSchema,
  outputSchema,
  sessionIdSchema,
  unreviewedSchema,
} from './meta-tool-definition.ts';

const query = {
  ...objectSchema(
    {
      use_case: {
        type: 'string',
        minLength: 3,
        maxLength: 500,
        description:
          'One thing to do, in plain English, with the name of the product: "send a message to a Slack channel"',
      },
      toolkit: { type: 'string', maxLength: 128, description: 'Search only this toolkit, e.g. "slack"' },
    },
    ['use_case'],
  ),
  additionalProperties: false,
};

const foundTool = objectSchema(
  {
    slug: { type: 'string', description: 'Name of the tool for execute_tools and get_tool_schemas' },
    title: { type: 'string' },
    description: { type: 'string' },
    toolkit: { type: 'string' },
    score: { type: 'number', description: 'Higher is better, among the tools of one use case' },
    input_schema: { type: 'object' },
    read_only: { type: 'boolean' },
    unreviewed: unreviewedSchema,
    connection: {
      enum: ['active', 'not_connected', 'not_required'],
      description: 'Whether the account that it needs is connected',
    },
  },
  ['slug', 'title', 'description', 'toolkit', 'score', 'read_only', 'connection'],
);

export const discoverToolsDefinition: MetaToolDefinition = {
  name: 'discover_tools',
  title: 'Discover tools',
  description: [
    'Finds the tools for what you want to do. Call it first: the tools themselves are not listed here, and their slugs',
    'cannot be guessed. Give one query per step of the task, e.g. queries: [{"use_case": "find a contact by email in',
    'HubSpot"}, {"use_case": "send a message to a Slack channel"}]. Then run the tools that fit with execute_tools.',
    'With mode "inventory" it lists all tools instead, of one toolkit or of all toolkits, one page at a time.',
  ].join(' '),
  inputSchema: {
    ...objectSchema(
      {
        queries: {
          type: 'array',
          items: query,
          minItems: 1,
          maxItems: 10,
          description: 'What to find tools for; several steps of one task in one call',
        },
        mode: {
          enum: ['search', 'inventory'],
          default: 'search',
          description: '"inventory" needs no queries: it lists the tools by name',
        },
        toolkit: {
          type: 'string',
          maxLength: 128,
          description: 'List only this toolkit; with queries: applies to those that name no toolkit',
        },
        offset: {
          type: 'integer',
          minimum: 0,
          default: 0,
          description: 'For mode "inventory": next_offset of the previous page',
        },
        limit: { type: 'integer', minimum: 1, maximum: 20, default: 5, description: 'Tools per query, or per page' },
        include_schemas: {
          type: 'boolean',
          default: false,
          description: 'Include input schemas, which saves a call of get_tool_schemas',
        },
        session_id: sessionIdSchema,
      },
      [],
    ),
    additionalProperties: false,
  },
  outputSchema: outputSchema(
    {
      session_id: { type: 'string' },
      results: {
        type: 'array',
        description: 'One per query, in order; best tools first',
        items: objectSchema({ use_case: { type: 'string' }, tools: { type: 'array', items: foundTool } }),
      },
      connections: {
        type: 'array',
        description: 'Status of each toolkit that needs an account',
        items: objectSchema({ toolkit: { type: 'string' }, name: { type: 'string' }, status: { type: 'string' } }),
      },
      inventory: objectSchema({
        total: { type: 'integer' },
        next_offset: { type: ['integer', 'null'], description: 'null: there are no more tools' },
        truncated: { type: 'boolean' },
      }),
      next_steps: nextStepsSchema,
    },
    ['session_id', 'results', 'connections', 'next_steps'],
  ),
  annotations: {
    title: 'Discover tools',
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
};
