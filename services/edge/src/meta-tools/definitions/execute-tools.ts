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
    'Runs tools that discover_tools found, with arguments as their input schemas want them, e.g. calls: [{"slug":',
    '"slack.post_message", "arguments": {"channel": "C123", "text": "Hi"}}]. The calls of one batch run at the same time',
    'and know nothing of each other: what needs the result of another call belongs into the next batch. Each result says',
    'whether its call was ok; one that failed stops no other, and says whether it is safe to try it again.',
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
                slug: { ...slugSchema, description: 'As in discover_tools' },
                arguments: { type: 'object', description: 'As the input schema of the tool wants them' },
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
          output: { description: 'What the tool gave' },
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
