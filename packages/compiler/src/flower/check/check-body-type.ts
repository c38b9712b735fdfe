import { bodyKindOf } from '../../http/body-kind.ts';
import type { Expression } from '../model.ts';

/**
 * Compares the format in which a body is sent with its `content-type`. A body that is a whole reference is not checked.
 */
export function checkBodyType(body: Expression, contentType: string | undefined): void {
  const { part, template } = body;
  if (template.kind === 'text') warnOfUnescaped(body, contentType);
  const isValue = template.kind === 'map' || template.kind === 'list' || template.kind === 'literal';
  if (!isValue || contentType === undefined || part.value === null || typeof part.value === 'string') return;
  const isForm = bodyKindOf(contentType) === 'form';
  if (!isForm && canBeJson(contentType)) return;
  if (isForm && typeof part.value === 'object' && !Array.isArray(part.value)) return;
  const message = `This body is sent as JSON and not as ${contentType}, which its content-type declares`;
  const hint = isForm
    ? 'A form is written as an object: name → value.'
    : 'Values are sent as JSON, or an object as application/x-www-form-urlencoded; write anything else as text.';
  part.warn('body_type_mismatch', message, hint, { at: 'key' });
}

/** Vendor types and plain text are often JSON under another name. */
function canBeJson(contentType: string): boolean {
  const kind = bodyKindOf(contentType);
  if (kind === 'json' || /json|^text\/plain\b/i.test(contentType)) return true;
  return kind === 'text' && !/^text\/|[/+]x?-?yaml\b/i.test(contentType);
}

function warnOfUnescaped({ part }: Expression, contentType: string | undefined): void {
  const kind = contentType === undefined ? undefined : bodyKindOf(contentType);
  const text = String(part.value);
  if (kind === 'form') {
    warnOfText('form', 'Write the body as an object: its values are then encoded.');
  } else if (kind === 'xml' || /^\s*</.test(text)) {
    warnOfText(
      'XML',
      'Nothing encodes values for XML here: limit the inputs by pattern or enum to what cannot break it.',
    );
  } else if (kind === 'json' || /^\s*[[{]/.test(text)) {
    warnOfText('JSON', 'Write the body as an object or list: its values are then encoded.');
  }

  function warnOfText(what: string, hint: string): void {
    const message = `Values are put into this text unchanged and can break the ${what}`;
    part.warn('unescaped_body', message, hint);
  }
}
