import { type ExternalPrompt, externalLimits, isJsonObject, type Json } from '@toolplane/contracts';
import { cleanText } from './clean-text.ts';
import { cleanShown, type Declared, NotUsable } from './declared.ts';

const NAME = /^[\p{L}\p{N}_.:/ -]{1,128}$/u;
const ARGUMENTS_MAX = 64;

export function cleanPrompt(declared: Declared): ExternalPrompt {
  const { name, arguments: declaredArguments } = declared;
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new NotUsable('Its name has characters that are not allowed, or more than 128');
  }
  const list = Array.isArray(declaredArguments) ? declaredArguments : [];
  if (list.length > ARGUMENTS_MAX) throw new NotUsable(`It has more than ${ARGUMENTS_MAX} arguments`);
  return {
    name,
    ...cleanShown(declared, ['name', 'title', 'description', 'arguments']),
    arguments: list.map(cleanArgument),
  };
}

function cleanArgument(value: Json): ExternalPrompt['arguments'][number] {
  const argument = isJsonObject(value) ? value : {};
  const { name, title, description, required } = argument;
  if (typeof name !== 'string' || !NAME.test(name)) throw new NotUsable('One of its arguments has no usable name');
  return {
    name,
    ...(typeof title === 'string'
      ? { title: cleanText(title, { lengthMax: externalLimits.titleLengthMax, isOneLine: true }).text }
      : {}),
    ...(typeof description === 'string'
      ? { description: cleanText(description, { lengthMax: externalLimits.descriptionLengthMax }).text }
      : {}),
    ...(typeof required === 'boolean' ? { required } : {}),
  };
}
