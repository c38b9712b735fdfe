import { randomUUID } from 'node:crypto';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { attributes } from '@toolplane/contracts';
import type { RequestHandler } from 'express';
import { logEvent } from '../log-event.ts';
import type { Logger } from '../logger.ts';
import { counter, histogram } from '../metrics/metric.ts';
import { withinRequest } from '../request-context.ts';
import { toLogFields } from '../trace-context.ts';

/** Far more than a person or a program sends on purpose. Requests beyond it are only counted. */
const LINES_MAX = 2000;

const tracer = trace.getTracer('toolplane');

/**
 * Writes one log line, one span and the metrics of a request, all with its route only: paths, queries, headers and
 * bodies may contain something that nobody should read.
 */
export function observeRequests(logger: Logger): RequestHandler {
  const requests = counter('toolplane_rest_requests_total');
  const seconds = histogram('toolplane_rest_request_seconds');
  return (req, res, next) => {
    const startedAt = performance.now();
    const span = tracer.startSpan(req.method, { kind: SpanKind.SERVER });
    const requestId = randomUUID();
    res.locals.requestId = requestId;
    res.set('x-request-id', requestId);
    res.once('close', () => {
      const { path } = (req.route ?? {}) as { path?: string };
      const status = res.writableFinished ? res.statusCode : 499;
      const observed = {
        [attributes.httpMethod]: req.method,
        [attributes.httpRoute]: path,
        [attributes.httpStatus]: status,
        [attributes.workspaceId]: res.locals.workspaceId as string | undefined,
      };
      span.updateName(path === undefined ? req.method : `${req.method} ${path}`).setAttributes(observed);
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
      const elapsedMs = performance.now() - startedAt;
      const route = typeof path === 'string' ? path.replaceAll(/:(\w+)/g, '{$1}') : 'other';
      requests.labels(req.method, route, String(status)).inc();
      seconds.labels(route).observe(elapsedMs / 1000);
      const fields = {
        request_id: requestId,
        ...toLogFields(span),
        ...observed,
        duration_ms: Math.round(elapsedMs),
      };
      logEvent(logger, 'info', 'request', fields, { linesMax: LINES_MAX });
    });
    withinRequest({ requestId, span }, next);
  };
}
