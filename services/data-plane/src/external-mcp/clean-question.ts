import { isSpecType } from '@modelcontextprotocol/client';
import { AppError, type InputRequest, isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import { cleanText } from './clean-text.ts';
import { isNestedDeeper } from './nesting.ts';

const MESSAGE_LENGTH_MAX = 2000;
const DEPTH_MAX = 20;
const URL_LENGTH_MAX = 2000;
/**
 * The members of a sampling request that are passed on. `includeContext`, which would show other servers' context to
 * this one, and tools are not.
 */
const SAMPLING = ['messages', 'systemPrompt', 'maxTokens', 'temperature', 'stopSequences', 'modelPreferences'] as const;

/**
 * Returns the request of an external server in a form that may be shown to the person or the model behind the client:
 * without invisible characters, with the name of the server that asks, and with nothing that has an effect beyond the
 * question (T30). Throws `external_server_failed`.
 */
export function cleanQuestion({ method, params }: InputRequest, serverName: string): InputRequest {
  if (isNestedDeeper(params, DEPTH_MAX)) throw notPassedOn('it is nested too deeply');
  // `_meta`, context of other servers and tools are not passed on, because the person sees none of these.
  if (method === 'roots/list') return { method, params: {} };
  if (method === 'sampling/createMessage') return { method, params: cleanSampling(params) };
  const { message, mode, url, requestedSchema } = params;
  if (typeof message !== 'string') throw notPassedOn('it has no message');
  const shown = cleanText(`${serverName}: ${message}`, { lengthMax: MESSAGE_LENGTH_MAX }).text;
  if (mode === 'url') return { method, params: { mode, message: shown, url: checkUrl(url) } };
  if (mode !== undefined && mode !== 'form') throw notPassedOn('its mode is unknown');
  const form = {
    ...(mode === undefined ? {} : { mode }),
    message: shown,
    requestedSchema: isJsonObject(requestedSchema) ? cleanTexts(requestedSchema) : {},
  };
  if (!isSpecType.ElicitRequestFormParams(form)) throw notPassedOn('its form is not valid in MCP');
  return { method, params: form as JsonObject };
}

function cleanSampling(params: JsonObject): JsonObject {
  const kept: JsonObject = {};
  for (const name of SAMPLING) {
    const value = params[name];
    if (value !== undefined) kept[name] = cleanTexts(value);
  }
  if (!isSpecType.CreateMessageRequestParams(kept)) throw notPassedOn('it is not a sampling request');
  return kept;
}

/** Cleans every text, and refuses names with invisible characters. */
function cleanTexts(value: Json): Json {
  if (typeof value === 'string') return cleanText(value, { lengthMax: Number.POSITIVE_INFINITY }).text;
  if (Array.isArray(value)) return value.map(cleanTexts);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).filter(([key]) => key !== '_meta');
  return Object.fromEntries(
    members.map(([key, member]) => {
      if (cleanTexts(key) !== key) throw notPassedOn('a name in it has invisible characters');
      return [key, cleanTexts(member)];
    }),
  );
}

/** A person opens the URL and must see where it leads. */
function checkUrl(text: Json | undefined): string {
  const url = typeof text === 'string' && text.length <= URL_LENGTH_MAX ? URL.parse(text) : null;
  if (url?.protocol !== 'https:') throw notPassedOn('its URL is not an https URL');
  if (url.username !== '' || url.password !== '') throw notPassedOn('its URL contains user information');
  return url.href;
}

function notPassedOn(reason: string): AppError {
  return new AppError('external_server_failed', `The request of the external server is not passed on: ${reason}`);
}
