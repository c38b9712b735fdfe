import type { Resolved, RuntimeExpression } from '@toolplane/expressions';
import { NOTHING, type Resolution } from './resolution.ts';
import { resolveCredential } from './resolve-credential.ts';
import { resolveMessage, resolveRequest, resolveResponse } from './resolve-message.ts';
import { resolveInput, resolveOutput, resolveStep, resolveWorkflow } from './resolve-name.ts';
import { resolveSource } from './resolve-source.ts';

/** Checks that the value of an expression exists and may be used at this location; an error is reported, not thrown. */
export function resolveExpression({ source, segments }: RuntimeExpression, resolution: Resolution): Resolved {
  const { text, report } = resolution;
  switch (source.kind) {
    case 'url':
    case 'method':
    case 'statusCode':
      return resolveMessage(source.kind, resolution);
    case 'request':
      return resolveRequest(source, segments, resolution);
    case 'response':
      return resolveResponse(source, segments, resolution);
    case 'inputs':
      return resolveInput(source.name, segments, resolution);
    case 'outputs':
      return resolveOutput(source.name, segments, resolution);
    case 'steps':
      return resolveStep(source, segments, resolution);
    case 'workflows':
      return resolveWorkflow(source, segments, resolution);
    case 'sourceDescriptions':
      return resolveSource(source, resolution);
    case 'secrets':
    case 'config':
    case 'current_user':
      return resolveCredential(source, resolution);
    case 'self':
      return resolveSelf(resolution);
    case 'message':
      report(
        'error',
        'unsupported_asyncapi',
        `${text} belongs to AsyncAPI, which is not supported`,
        'Use an OpenAPI source.',
      );
      return NOTHING;
    case 'components': {
      const hint = `Write { reference: ${text} } in a list of ${source.field}.`;
      report('error', 'component_as_value', `${text} names a component, which is not a value`, hint);
      return NOTHING;
    }
  }
}

/** For a document without its own address, the location from which it was loaded counts. */
function resolveSelf({ context: { document }, report }: Resolution): Resolved {
  const value = document.self ?? document.baseUri;
  if (value === '')
    report(
      'warn',
      'unknown_self',
      'The address of the document is not known',
      'Write $self at the root of the document.',
    );
  return { value };
}
