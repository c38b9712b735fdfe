/** Toolplane's own keys and the objects in which they have a meaning. */
export const extensions: Readonly<Record<string, string>> = {
  'x-title': 'a flow',
  'x-icons': 'a flow, a prompt or a resource',
  'x-annotations': 'a flow',
  'x-content': 'a flow',
  'x-task': 'a flow',
  'x-output': 'a flow',
  'x-ask': 'a flow, a prompt or a resource',
  'x-deadline': 'a flow, a prompt or a resource',
  'x-timeout': 'a step',
  'x-idempotency-key': 'a step',
  'x-idempotent': 'a step',
  'x-examples': 'an input',
  'x-mcp-header': 'an input',
  'x-prompts': 'the document',
  'x-resources': 'the document',
};
