import { connectionStatuses } from '@toolplane/contracts';
import { type MetaToolDefinition, objectSchema, outputSchema } from './meta-tool-definition.ts';

export const manageConnectionsDefinition: MetaToolDefinition = {
  name: 'manage_connections',
  title: 'Manage connections',
  description: [
    'Reports whether the accounts that toolkits need are connected, and returns the link with which the user connects one.',
    'Call it when a tool reports that credentials are missing. Mode "status" only reports; mode "connect" returns a',
    'connect_url: show it to the user, who signs in there, and then try the tool again. Never ask the user for passwords',
    'or keys.',
  ].join(' '),
  inputSchema: {
    ...objectSchema(
      {
        toolkits: {
          type: 'array',
          items: { type: 'string', minLength: 1, maxLength: 128 },
          minItems: 1,
          maxItems: 10,
          description: 'As returned by discover_tools, e.g. ["slack"]',
        },
        mode: { enum: ['status', 'connect'], default: 'status' },
        reconnect: {
          type: 'boolean',
          default: false,
          description:
            'For mode "connect": return a new link even if the account is connected (not every caller may replace it) or a link is still valid',
        },
      },
      ['toolkits'],
    ),
    additionalProperties: false,
  },
  outputSchema: outputSchema({
    results: {
      type: 'object',
      description: 'By toolkit',
      additionalProperties: objectSchema(
        {
          status: { enum: [...connectionStatuses] },
          label: { type: 'string', description: 'Whose account it is' },
          connect_url: { type: 'string', description: 'Page for the user; works once' },
          expires_at: { type: 'string', description: 'When connect_url stops working, ISO 8601' },
          required_fields: { type: 'array', items: { type: 'string' }, description: 'What the page asks for' },
          message: { type: 'string' },
        },
        ['status'],
      ),
    },
  }),
  annotations: {
    title: 'Manage connections',
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: true,
  },
};
