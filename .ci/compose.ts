import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

export const composeFolder = join(import.meta.dirname, '../infra/local');

/**
 * The part of the Compose Specification that `infra/local/compose.yaml` uses. Members that are not listed here are
 * rejected.
 */

const strings = z.record(z.string(), z.string());
const duration = z.string().regex(/^\d+(s|m)$/);

const service = z
  .strictObject({
    build: z.strictObject({ context: z.string(), target: z.string() }).optional(),
    image: z
      .string()
      .regex(/:(?!latest)[\w.-]+$/, 'has no version')
      .optional(),
    command: z.array(z.string()).optional(),
    env_file: z.string().optional(),
    environment: strings.optional(),
    restart: z.literal('unless-stopped').optional(),
    read_only: z.boolean().optional(),
    cap_drop: z.array(z.literal('ALL')).optional(),
    security_opt: z.array(z.literal('no-new-privileges:true')).optional(),
    stop_grace_period: duration.optional(),
    // Ports are open to this machine only.
    ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/, 'is open to others')).optional(),
    networks: z.array(z.string()).optional(),
    network_mode: z.literal('none').optional(),
    volumes: z.array(z.string().regex(/^[^:]+:\/[^:]+(:ro)?$/)).optional(),
    depends_on: z
      .record(
        z.string(),
        z.strictObject({ condition: z.enum(['service_healthy', 'service_completed_successfully', 'service_started']) }),
      )
      .optional(),
    healthcheck: z.strictObject({ test: z.array(z.string()), interval: duration, retries: z.int() }).optional(),
  })
  .refine(({ build, image }) => (build === undefined) !== (image === undefined), 'is either built or fetched')
  .refine(
    ({ networks, network_mode: mode }) => (networks === undefined) !== (mode === undefined),
    'names its networks',
  );

export const composeSchema = z.strictObject({
  name: z.string(),
  'x-service': z.unknown(),
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.strictObject({ internal: z.boolean().optional() })),
  volumes: z.record(z.string(), z.strictObject({})),
});

/** Reads the Compose file, with merge keys resolved. */
export function readCompose(): z.output<typeof composeSchema> {
  const text = readFileSync(join(composeFolder, 'compose.yaml'), 'utf8');
  return composeSchema.parse(parse(text, { merge: true }));
}
