import {
  type MetaToolDefinition,
  objectSchema,
  outputSchema,
  slugSchema,
  unreviewedSchema,
} from './meta-tool-definition.ts';

const toolSchemas = objectSchema(
  {
    description: { type: 'string' },
    input_schema: { type: 'object' },
    output_schema: { type: 'object' },
    annotations: { type: 'object' },
    unreviewed: unreviewedSchema,
  },
  ['description', 'input_schema', 'annotations'],
);

export const getToolSchemasDefinition: MetaToolDefinition = {
  name: 'get_tool_schemas',
  title: 'Get tool schemas',
  description: [
    'Returns the arguments that tools accept. Call it with slugs from discover_tools before you call a tool whose input',
    'schema you have not seen, e.g. tool_slugs: ["slack.post_message"]. Slugs that do not exist come back in not_found',
    'with similar ones.',
  ].join(' '),
  inputSchema: {
    ...objectSchema(
      {
        tool_slugs: {
          type: 'array',
          items: slugSchema,
          minItems: 1,
          maxItems: 20,
          description: 'As returned by discover_tools',
        },
        include_output: { type: 'boolean', default: false, description: 'Include output schemas' },
      },
      ['tool_slugs'],
    ),
    additionalProperties: false,
  },
  outputSchema: outputSchema({
    schemas: { type: 'object', description: 'By slug', additionalProperties: toolSchemas },
    not_found: {
      type: 'array',
      items: objectSchema({
        slug: { type: 'string' },
        did_you_mean: { type: 'array', items: { type: 'string' } },
      }),
    },
  }),
  annotations: {
    title: 'Get tool schemas',
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
};
