import type { JsonObject, LogLevel } from '@toolplane/contracts';
import { z } from 'zod';
import type { RequestPosition } from '../egress/http-client.ts';
import type { AnswerQuestion } from './server-questions.ts';

export const progressSchema = z.object({
  // Some servers return a number as text.
  progressToken: z.coerce.number().int(),
  progress: z.number(),
  total: z.number().optional(),
  message: z.string().optional(),
});

export type LogMessage = { level: LogLevel; logger?: string | undefined; data?: unknown };

export type ExternalRequest = {
  method: string;
  params: JsonObject;
  /** Sent only to modern servers. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Used by clients that stand in for servers. */
  position?: RequestPosition | undefined;
  timeoutMs: number;
  signal: AbortSignal;
  onProgress?: ((progress: z.infer<typeof progressSchema>) => void) | undefined;
  /** `level` is the least severe level that is wanted. */
  log?: { level: LogLevel; onMessage(params: LogMessage): void } | undefined;
  /**
   * Answers questions that the server asks while it works; only for legacy servers that were notified that they may
   * ask.
   */
  onQuestion?: AnswerQuestion | undefined;
  /** Called when a person has completed a page to which the server had sent them. */
  onElicitationComplete?: ((elicitationId: string) => void) | undefined;
};
