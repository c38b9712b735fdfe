import { z } from 'zod';

/** `name=value`, comma-separated, with percent-encoded values, in the format of OpenTelemetry. */
const resourceAttributesSchema = z
  .string()
  .default('')
  .transform((text, { addIssue }) => {
    try {
      const entries = text.split(',').filter((entry) => entry.trim() !== '');
      return Object.fromEntries(entries.map(toEntry));
    } catch {
      addIssue({ code: 'custom', message: 'does not have the form name=value,name=value' });
      return z.NEVER;
    }
  });

function toEntry(entry: string): [string, string] {
  const at = entry.indexOf('=');
  const name = entry.slice(0, at).trim();
  if (at < 1 || name === '') throw new Error('no name');
  return [name, decodeURIComponent(entry.slice(at + 1).trim())];
}

/** The names and meanings are those of OpenTelemetry. */
export const telemetrySettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url()
    .optional()
    .describe('base URL of an OTLP/HTTP receiver; without it, nothing is traced'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe(
      'the share of the traces beginning here that is exported, from 0 to 1; a caller that sends its own trace decides for that trace, and [failures are always exported](../how-to/read-traces.md#what-is-exported)',
    ),
  OTEL_RESOURCE_ATTRIBUTES: resourceAttributesSchema.meta({
    absent: 'none',
    description:
      'what the traces say about this process, for example `deployment.environment.name=production,k8s.pod.name=edge-1`',
  }),
};

export type TelemetrySettings = z.infer<z.ZodObject<typeof telemetrySettings>>;
