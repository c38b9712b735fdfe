import { compileJsonSchema, JsonSchemaError } from '@toolplane/json-schema';

export type PatternCheck = (pattern: string) => boolean;

const LENGTH_MAX = 1000;

/** Patterns in OpenAPI are those of JavaScript. Patterns that RE2 does not support are left to the API to check. */
export function createPatternCheck(): PatternCheck {
  const known = new Map<string, boolean>();
  return (pattern) => {
    const answer = known.get(pattern) ?? isUsable(pattern);
    known.set(pattern, answer);
    return answer;
  };
}

function isUsable(pattern: string): boolean {
  if (pattern.length > LENGTH_MAX) return false;
  try {
    compileJsonSchema({ pattern }, { forFewValues: true });
    return true;
  } catch (thrown) {
    if (thrown instanceof JsonSchemaError) return false;
    throw thrown;
  }
}
