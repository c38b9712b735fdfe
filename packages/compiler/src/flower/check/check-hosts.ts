import type { UrlTemplate } from '@toolplane/contracts';
import type { FoundReference } from '@toolplane/expressions';
import type { Expression, Procedure, Step } from '../model.ts';
import { requestReferences } from '../request-references.ts';

type Parts = Extract<UrlTemplate, { kind: 'parts' }>['parts'];

/** Whoever chooses the host chooses who receives the request, including its credentials. */
export function checkHosts({ steps }: Procedure, allowedHosts: readonly string[]): void {
  for (const step of steps) {
    const { template } = step.request.url;
    if (template.kind === 'whole') checkWhole(step, template.path, steps);
    else if (template.kind === 'parts') checkParts(step, template.parts, allowedHosts);
  }
}

function checkParts({ request }: Step, parts: Parts, allowedHosts: readonly string[]): void {
  const { part } = request.url;
  const roots = parts.flatMap((each) => (typeof each !== 'string' && each.where === 'host' ? [each.path[0]] : []));
  if (roots.includes('secrets') || roots.includes('current_user')) {
    const hint = 'Anybody between here and the host can read the name of the host: send the credential in a header.';
    part.error('credential_in_host', 'A credential cannot be part of the host of a URL', hint);
  } else if (roots.length > 0 && allowedHosts.length === 0) {
    const hint = 'Write the host out, or set the allowed hosts of the server.';
    part.error('host_not_allowed', 'An expression in the host requires that the server has allowed hosts', hint);
  }
}

function checkWhole(step: Step, path: string[], steps: Step[]): void {
  const isChosen = isOfCall(path, steps, decidingReferences);
  if (!isChosen && !isOfCall(path, steps, ({ references }) => references)) return;
  const { part } = step.request.url;
  const hint = 'Write out scheme and host, and take only parts of the path from the call.';
  const sendsCredential = requestReferences(step).some(({ path: [root] }) => {
    return root === 'secrets' || root === 'current_user';
  });
  if (isChosen && sendsCredential) {
    part.error('credential_to_any_host', 'The caller would choose who receives a credential of this step', hint);
  } else {
    const verb = isChosen ? 'chooses' : 'may choose';
    part.warn('host_from_call', `The caller ${verb} the host of this request`, hint);
  }
}

/** Returns true if a value comes from the caller or is an output derived from such a value. */
function isOfCall(
  path: string[],
  steps: Step[],
  listReferences: (output: Expression) => FoundReference[],
  seen = new Set<Expression>(),
): boolean {
  const [root = '', id = '', part, name] = path;
  if (root === 'inputs' || root === 'config' || root === 'answers') return true;
  if (root !== 'steps' || part !== 'outputs') return false;
  const outputs = steps.find((step) => step.id === id)?.outputs ?? [];
  return outputs.some((output) => {
    if (output.name !== name || seen.has(output) || hasOwnHost(output)) return false;
    seen.add(output);
    return listReferences(output).some((reference) => {
      const [own, ...deeper] = reference.path;
      const from = own === 'outputs' ? ['steps', id, 'outputs', ...deeper] : reference.path;
      return isOfCall(from, steps, listReferences, seen);
    });
  });
}

/** Returns the references that certainly determine the host of an output. */
function decidingReferences({ template, references }: Expression): FoundReference[] {
  if (template.kind === 'reference') return references;
  if (template.kind !== 'text') return [];
  return typeof template.parts[0] === 'string' ? references : references.slice(0, 1);
}

/** Returns true if the document fixes the host, whatever follows it. */
function hasOwnHost({ template }: Expression): boolean {
  const start = template.kind === 'text' ? template.parts[0] : undefined;
  return typeof start === 'string' && /^https?:\/\/[^/?#\\@]+[/?#]/i.test(start);
}
