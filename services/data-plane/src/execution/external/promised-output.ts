import type { Json, PlanExternal } from '@toolplane/contracts';
import { compileJsonSchema, type Validate } from '@toolplane/json-schema';

/**
 * Checks whether a result matches the schema that its server declares for it; `structuredContent` is undefined if the
 * result has none.
 */
export type IsPromised = (structuredContent: Json | undefined) => boolean;

/** The schema is compiled for the first result. A result that would take too much work to check is accepted. */
export function preparePromise(target: PlanExternal['target']): IsPromised {
  const schema = target.kind === 'tool' ? target.outputSchema : undefined;
  if (schema === undefined) return () => true;
  let validate: Validate | undefined;
  return (structuredContent) => {
    if (structuredContent === undefined) return false;
    validate ??= compileJsonSchema(schema);
    const checked = validate(structuredContent);
    if (!checked.ok) return checked.isUndecided === true;
    // Clients do not fill in defaults for missing members, so a result that needs them does not match.
    return JSON.stringify(checked.value).length === JSON.stringify(structuredContent).length;
  };
}
