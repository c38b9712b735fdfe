import type { BusEvent } from '@toolplane/bus';
import type { Logger } from '@toolplane/service-kit';

/** What the bus tells: ids and kinds, nothing of a call. */
export function logBusEvent(logger: Logger, queue: string, event: BusEvent): void {
  const { type, ...rest } = event;
  if ('error' in rest) {
    const { error, ...ids } = rest;
    logger.error({ queue, ...ids, err: error }, type);
  } else if (type === 'redis_ready') logger.info({ queue }, type);
  else logger.warn({ queue, ...rest }, type);
}

export function logInternalError(logger: Logger, error: unknown): void {
  logger.error({ err: error }, 'a call or command failed by a fault of ours');
}
