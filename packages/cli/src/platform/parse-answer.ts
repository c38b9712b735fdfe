import type { z } from 'zod';
import { CliError } from '../cli-error.ts';

/** Another program at this address, or a platform of another version, may answer anything. Throws `CliError`. */
export function parseAnswer<Answer>(schema: z.ZodType<Answer>, answer: unknown, url: string): Answer {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unexpected(url, issue === undefined ? [] : [`${issue.path.join('.') || 'The answer'}: ${issue.message}`]);
}

export function unexpected(url: string, details: readonly string[] = []): CliError {
  const message = `${new URL(url).origin} does not answer like Toolplane: check the URL, and that this tool has the platform's version`;
  return new CliError(message, { code: 'unexpected_answer', details });
}
