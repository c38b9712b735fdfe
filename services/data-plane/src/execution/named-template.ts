import type { Template } from '@toolplane/contracts';
import { compileTemplate, type EvaluateTemplate } from '@toolplane/expressions';

export type NamedTemplate = [name: string, evaluate: EvaluateTemplate];

export function prepareNamed([name, template]: readonly [string, Template]): NamedTemplate {
  return [name, compileTemplate(template)];
}
