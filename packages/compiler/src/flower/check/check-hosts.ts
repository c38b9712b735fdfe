import type { UrlTemplate } from '@toolplane/contracts';
import type { Procedure, Step } from '../model.ts';
import { requestReferences } from '../request-references.ts';

type Parts = Extract<UrlTemplate, { kind: 'parts' }>['parts'];

/** Who chooses the host chooses who receives the request, credentials included. */
export function checkHosts({ steps }: Procedure, allowedHosts: readonly string[]): void {
  for (const step of steps) {
    const { template } = step.request.url;
    if (template.kind === 'whole') checkWhole(step, template.path);
    else checkParts(step, template.parts, allowedHosts);
  }
}

function checkParts({ request }: Step, parts: Parts, allowedHosts: readonly string[]): void {
  const { part } = request.url;
  const roots = parts.flatMap((each) => (typeof each !== 'string' && each.where === 'host' ? [each.path[0]] : []));
  if (roots.includes('secrets') || roots.includes('current_user')) {
    const hint = 'Everybody between here and the host can read its name: send the credential in a header.';
    part.error('credential_in_host', 'A credential cannot stand in the host of a URL', hint);
  } else if (roots.length > 0 && allowedHosts.length === 0) {
    const hint = 'Write the host out, or set the allowed hosts of the server.';
    part.error('host_not_allowed', 'An expression in the host needs the allowed hosts of the server', hint);
  }
}

function checkWhole(step: Step, [root = '']: string[]): void {
  if (root !== 'inputs' && root !== 'config' && root !== 'answers') return;
  const { part } = step.request.url;
  const hint = 'Write scheme and host out and take only parts of the path from the call.';
  if (requestReferences(step).some(({ path }) => path[0] === 'secrets' || path[0] === 'current_user')) {
    part.error('credential_to_any_host', 'The caller would choose who receives a credential of this step', hint);
  } else {
    part.warn('host_from_call', 'The caller chooses the host of this request', hint);
  }
}
