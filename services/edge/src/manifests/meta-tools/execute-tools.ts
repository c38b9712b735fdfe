import {
  type MetaToolDefinition,
  objectSchema,
  outputSchema,
  sessionIdSchema,
  slugSchema,
} from './meta-tool-definition.ts';

export const executeToolsDefinition: MetaToolDefinition = {
  name: 'execute_tools',
  title: 'Execute tools',
  description: [
    'Runs tools that discover_tools found, with arguments that match their input schemas, e.g. calls: [{"slug":',
    '"slack.post_message", "arguments": {"channel": "C123", "text": "Hi"}}]. The calls of one batch run at the same time',
    'and do not see the results of each other: put a call that needs the result of another into the next batch. Each',
    'result says whether its call was ok. A failed call does not stop the others; its result says whether a retry is safe.',
  ].join(' '),
  inputSchema: {
    ...objectSchema(
      {
        calls: {
          type: 'array',
          minItems: 1,
          maxItems: 20,
          items: {
            ...objectSchema(
              {
                slug: { ...slugSchema, description: 'As returned by discover_tools' },
                arguments: { type: 'object', description: 'Arguments that match the input schema of the tool' },
              },
              ['slug'],
            ),
            additionalProperties: false,
          },
        },
        session_id: sessionIdSchema,
      },
      ['calls'],
    ),
    additionalProperties: false,
  },
  outputSchema: outputSchema({
    results: {
      type: 'array',
      description: 'One per call, in order',
      items: objectSchema(
        {
          index: { type: 'integer' },
          slug: { type: 'string' },
          ok: { type: 'boolean' },
          output: { description: 'What the tool returned' },
          error: objectSchema({ code: { type: 'string' }, message: { type: 'string' } }),
        },
        ['index', 'slug', 'ok'],
      ),
    },
    error_count: { type: 'integer' },
  }),
  annotations: {
    title: 'Execute tools',
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: true,
  },
};
