import {
  type ExternalQuestion,
  externalQuestions,
  externalTransports,
  planLimits,
  sourceLimits,
} from '@toolplane/contracts';
import { z } from 'zod';
import { textOf } from '../../platform/request-schemas.ts';
import { findSecretNames } from './header-templates.ts';
import { TOOL_NAME } from './name-external.ts';

const EXTERNAL_SERVERS_MAX = 20;
const TOOLS_MAX = 1000;
const HEADERS_MAX = 20;
const HEADER_LENGTH_MAX = 2000;
export const TIMEOUT_MS_DEFAULT = 60_000;
/**
 * Only elicitation is allowed by default, because a person sees who asks and can refuse. The other requests reach a
 * model, or reveal where the client's files are.
 */
export const ALLOW_DEFAULT: ExternalQuestion[] = ['elicitation'];

const HEADER_NAME = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;
/** Headers that are set by the connection and the protocol. */
const PROTOCOL_HEADER =
  /^(?:accept|connection|content-.*|expect|host|keep-alive|last-event-id|mcp-.*|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;

const PLAIN_VALUE =
  'is a plaintext value, which only the data plane may see: send {"sealed": "<JWE for /api/v1/sealing-key>"}, or name a secret of the server: Bearer $secrets.NAME';

const headerValueSchema = z.union([
  textOf(HEADER_LENGTH_MAX)
    .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII')
    .refine((text) => findSecretNames(text).length > 0, PLAIN_VALUE),
  z.strictObject({ sealed: z.string().min(1).max(131_072) }),
]);

const headersSchema = z
  .record(
    z
      .string()
      .regex(HEADER_NAME, 'must be a letter, then letters, digits and -')
      .refine((name) => !PROTOCOL_HEADER.test(name), 'must not be set, because the protocol sets it'),
    headerValueSchema,
  )
  .refine((headers) => Object.keys(headers).length <= HEADERS_MAX, `must not have more than ${HEADERS_MAX} entries`)
  .refine((headers) => {
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    return new Set(names).size === names.length;
  }, 'must not contain a header twice')
  .meta({
    description:
      'Values name secrets of the server (`Bearer $secrets.NAME`) or are sealed, with the host of the URL. They are never ' +
      'returned. If left out for an existing server, they stay as they are',
  });

export const externalUrlSchema = textOf(sourceLimits.urlLengthMax).refine(
  isServerUrl,
  'must be an https URL without credentials or fragment; http works only where the data plane allows it',
);
export const externalTransportSchema = z.enum(externalTransports).meta({
  description: 'Streamable HTTP, or HTTP+SSE of MCP 2024-11-05; detected if left out',
});

/** The form of each entry of `externalMcpConfigs` of a server. */
export const externalConfigSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be at most 32 lowercase letters, digits and hyphens'),
    url: externalUrlSchema,
    transport: externalTransportSchema.optional(),
    headers: headersSchema.optional(),
    tools: z
      .array(z.union([z.literal('*'), z.string().regex(TOOL_NAME, 'must be the name of a tool')]))
      .max(TOOLS_MAX)
      .refine((tools) => new Set(tools).size === tools.length, 'must not name a tool twice')
      .refine((tools) => !tools.includes('*') || tools.length === 1, 'must be ["*"] alone, or names')
      .meta({ description: 'Names of its tools; `["*"]`: all; `[]`: it offers nothing here' }),
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{0,64}$/, 'must be at most 64 letters, digits, "_", "." and "-"')
      .optional()
      .meta({ description: 'Prefix for the names of its tools and prompts; default: its name and two underscores' }),
    pin: z
      .enum(['review', 'strict'])
      .optional()
      .meta({
        description:
          'What happens to a tool that its server changed since its approval, or that nobody has approved: `review` ' +
          'offers the former as it was approved, and the latter as one that may be destructive, whatever its annotations ' +
          'say; `strict` withholds both until somebody approves them',
      }),
    allow: z
      .array(z.enum(externalQuestions))
      .refine((allow) => new Set(allow).size === allow.length, 'must not contain duplicates')
      .optional()
      .meta({
        description:
          'What it may ask of the client behind a call, if the client supports it: `elicitation` (the person), `sampling` (the ' +
          `model), \`roots\` (where the files are). Default: ${JSON.stringify(ALLOW_DEFAULT)}`,
      }),
    timeoutMs: z
      .int()
      .min(1000)
      .max(300_000)
      .optional()
      .meta({ description: `Default: ${TIMEOUT_MS_DEFAULT}` }),
    maxOutputBytes: z
      .int()
      .min(1)
      .max(planLimits.outputBytesCeiling)
      .optional()
      .meta({
        description: `What a call may return to an agent; a larger result is an error. Default: ${planLimits.outputBytesMax}`,
      }),
  })
  .meta({ id: 'ExternalMcpConfig' });
export type ExternalConfig = z.infer<typeof externalConfigSchema>;

export const externalConfigsSchema = z
  .array(externalConfigSchema)
  .max(EXTERNAL_SERVERS_MAX)
  .superRefine((configs, { addIssue }) => {
    for (const [index, { name }] of configs.entries()) {
      if (configs.findIndex((other) => other.name === name) < index) {
        addIssue({ code: 'custom', path: [index, 'name'], message: 'is a duplicate' });
      }
    }
  })
  .meta({ description: 'External MCP servers whose tools it offers in addition to its own' });

function isServerUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return false;
  return url.username === '' && url.password === '' && url.hash === '';
}
