import { AppError, type Json } from '@toolplane/contracts';
import { sizeUpTo } from '@toolplane/expressions';

/** Parsed JSON takes many times its bytes, so this is far below the memory of a process. */
const KEPT_BYTES_MAX = 20 * 1024 * 1024;

/** What each step of a call holds in memory until the call ends. */
export type KeptBytes = Map<string, number>;

/** Every answer is limited, but a call can keep many. */
export function keepBytes(kept: KeptBytes, stepId: string, bytes: number): void {
  kept.set(stepId, bytes);
  const sum = [...kept.values()].reduce((total, each) => total + each, 0);
  if (sum <= KEPT_BYTES_MAX) return;
  const message = `The data that later steps need from the answers to this tool takes more than ${KEPT_BYTES_MAX} bytes in total`;
  throw new AppError('response_too_large', message);
}

/**
 * Roughly the bytes of a value as JSON; shared parts count as often as they appear, so counting stops above the limit.
 */
export function estimateBytes(value: Json): number {
  return sizeUpTo(value, KEPT_BYTES_MAX);
}
