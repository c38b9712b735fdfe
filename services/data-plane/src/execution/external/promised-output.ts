import type { Json, PlanExternal } from '@toolplane/contracts';
import { compileJsonSchema, type Validate } from '@toolplane/json-schema';

/** Whether a result has the form that its server declares for it; undefined: no structured result. */
export type IsPromised = (structuredContent: Json | undefined) => boolean;

/** The schema is compiled for the first result. What takes too much work to check is passed on. */
export function preparePromise(target: PlanExternal['target']): IsPromised {
  const schema = target.kind === 'tool' ? target.outputSchema : undefined;
  if (schema === undefined) return () => true;
  let validate: Validate | undefined;
  return (structuredContent) => {
    if (structuredContent === undefined) return false;
    validate ??= compileJsonSchema(schema);
    const checked = validate(structuredContent);
    if (!checked.ok) return checked.isUndecided === true;
    // Clients do not fill in defaults for what is missing.
    return JSON.stringify(checked.value).length === JSON.stringify(structuredContent).length;
  };
}
