import { z } from 'zod';
import { type JsonObject, jsonObjectSchema } from './json.ts';

/** What a call may need from the person or the model behind the client (MCP: elicitation, sampling, roots). */
export const inputRequestSchema = z.strictObject({
  method: z.enum(['elicitation/create', 'sampling/createMessage', 'roots/list']),
  /** The params that MCP 2026-07-28 defines for the method. */
  params: jsonObjectSchema,
});
export type InputRequest = z.infer<typeof inputRequestSchema>;

/**
 * What a client declares that it can be asked for. `elicitation` is the form mode, `elicitation.url` a page to be
 * opened.
 */
export const abilities = ['elicitation', 'elicitation.url', 'sampling', 'roots'] as const;
export const abilitySchema = z.enum(abilities);
export type Ability = z.infer<typeof abilitySchema>;

/** The ability that a client needs to be sent this request. */
export function abilityFor({ method, params }: InputRequest): Ability {
  if (method === 'sampling/createMessage') return 'sampling';
  if (method === 'roots/list') return 'roots';
  return params['mode'] === 'url' ? 'elicitation.url' : 'elicitation';
}

/** The capabilities that a client with these abilities declares. */
export function capabilitiesFor(abilities: readonly Ability[]): JsonObject {
  const modes = [
    ...(abilities.includes('elicitation') ? [['form', {}]] : []),
    ...(abilities.includes('elicitation.url') ? [['url', {}]] : []),
  ];
  // Before modes existed, clients that declared elicitation meant the form alone.
  const isFormOnly = modes.length === 1 && abilities.includes('elicitation');
  return {
    ...(modes.length === 0 ? {} : { elicitation: isFormOnly ? {} : Object.fromEntries(modes) }),
    ...(abilities.includes('sampling') ? { sampling: {} } : {}),
    ...(abilities.includes('roots') ? { roots: {} } : {}),
  };
}
