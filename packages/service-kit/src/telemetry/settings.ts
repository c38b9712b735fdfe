import { z } from 'zod';

/** `name=value`, comma-separated, values percent-encoded, as OpenTelemetry has it. */
const resourceAttributesSchema = z
  .string()
  .default('')
  .transform((text, { addIssue }) => {
    try {
      const entries = text.split(',').filter((entry) => entry.trim() !== '');
      return Object.fromEntries(entries.map(toEntry));
    } catch {
      addIssue({ code: 'custom', message: 'is not of the form name=value,name=value' });
      return z.NEVER;
    }
  });

function toEntry(entry: string): [string, string] {
  const at = entry.indexOf('=');
  const name = entry.slice(0, at).trim();
  if (at < 1 || name === '') throw new Error('no name');
  return [name, decodeURIComponent(entry.slice(at + 1).trim())];
}

/** Names and meanings are those of OpenTelemetry. */
export const telemetrySettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url()
    .optional()
    .describe('base URL of an OTLP/HTTP receiver; without it nothing is traced'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe(
      'the share of traces that begin here which is exported, from 0 to 1; a caller that brings a trace of its own decides for it, and [what fails is exported always](../how-to/read-traces.md#what-is-exported)',
    ),
  OTEL_RESOURCE_ATTRIBUTES: resourceAttributesSchema.meta({
    absent: 'none',
    description:
      'what the traces say of this process, e.g. `deployment.environment.name=production,k8s.pod.name=edge-1`',
  }),
};

export type TelemetrySettings = z.infer<z.ZodObject<typeof telemetrySettings>>;
