import { AppError, type Json } from '@toolplane/contracts';
import { sizeUpTo } from '@toolplane/expressions';

/** Parsed JSON takes many times its size in bytes, so this limit is far below the memory of a process. */
const KEPT_BYTES_MAX = 20 * 1024 * 1024;

/** The bytes that each step of a call holds in memory until the call ends. */
export type KeptBytes = Map<string, number>;

/** Every response is limited, but a call can keep many of them. */
export function keepBytes(kept: KeptBytes, stepId: string, bytes: number): void {
  kept.set(stepId, bytes);
  const sum = [...kept.values()].reduce((total, each) => total + each, 0);
  if (sum <= KEPT_BYTES_MAX) return;
  const message = `The data that later steps need from the answers to this tool takes more than ${KEPT_BYTES_MAX} bytes in total`;
  throw new AppError('response_too_large', message);
}

/**
 * Returns roughly the bytes of a value as JSON. Shared parts count as often as they appear, so counting stops above the
 * limit.
 */
export function estimateBytes(value: Json): number {
  return sizeUpTo(value, KEPT_BYTES_MAX);
}
