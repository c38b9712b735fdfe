import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { attributes, type Command, errorCodes, type Outcome } from '@toolplane/contracts';
import { currentRequest } from '@toolplane/service-kit';

const tracer = trace.getTracer('toolplane-control-plane');

/**
 * Starts a span for a command, as a child of the span of the current request, if any. The span does not contain the
 * command's input.
 */
export function startCommandSpan({ command }: Command): Span {
  const request = currentRequest();
  return tracer.startSpan(
    'send commands',
    {
      kind: SpanKind.PRODUCER,
      attributes: {
        [attributes.messagingSystem]: 'bullmq',
        [attributes.messagingOperation]: 'send',
        [attributes.messagingDestination]: 'commands',
        [attributes.command]: command,
      },
    },
    request === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, request.span),
  );
}

/** A refusal counts as an answer; only a failure that makes the request fail as a fault of the platform is an error. */
export function endCommandSpan(span: Span, outcome: Outcome): void {
  if (!outcome.ok && 'error' in outcome) {
    const { code } = outcome.error;
    span.setAttribute(attributes.errorType, code);
    const isFault = outcome.outcome !== 'done' || errorCodes[code].http >= 500;
    if (isFault) span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}
