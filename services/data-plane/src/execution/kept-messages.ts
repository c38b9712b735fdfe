import type { Plan, PlanStep, Template } from '@toolplane/contracts';

/** Determines which requests and responses expressions can still name after their step has ended. */
export type KeptMessages = {
  /** True if any expression names a request. */
  isRequestSeen: boolean;
  keepsRequest(stepId: string): boolean;
  keepsResponse(stepId: string): boolean;
  /**
   * Returns whether anything names a part of the body of the step's response. If only the body as a whole is named, it
   * can be any text.
   */
  readsBody(step: PlanStep): boolean;
};

/**
 * Matches a mention in a path (`"steps","a","response"`) or in JMESPath (`"steps"."a"."response"`), but not the key of
 * the plan itself.
 */
const MENTION = /"steps"(?!:)(?:[.,]"([^"]+)"[.,]"([^"]+)")?/g;

/** Matches a part of the step's own response body, in a path with a further segment or in JMESPath. */
const OWN_BODY = /\["response","body","|\$\."response"\."body"/;
const BODY_OF_STEP = /"steps","([^"]+)","response","body","|"steps"\."([^"]+)"\."response"\."body"/g;

/** Matches a part of an output; an output can be the body as a whole. */
const OWN_OUTPUT = /\["outputs","([^"]+)","|\$\."outputs"\."([^"]+)"/g;
const OUTPUT_OF_STEP = /"steps","([^"]+)","outputs","([^"]+)","|"steps"\."([^"]+)"\."outputs"\."([^"]+)"/g;

/** Inferred from every mention of a step; a mention without a step and a part keeps everything. */
export function findKeptMessages({ steps, outputs, content, analytics, workflows }: Plan): KeptMessages {
  const text = toText([steps, outputs, content, analytics, workflows]);
  const mentions = new Set(Array.from(text.matchAll(MENTION), ([, stepId, part]) => toMention(stepId, part)));
  const bodiesRead = new Set(Array.from(text.matchAll(BODY_OF_STEP), ([, inPath, inJmespath]) => inPath ?? inJmespath));
  const inOutputs = new Set(
    Array.from(text.matchAll(OUTPUT_OF_STEP), ([, stepId, name, ...inJmespath]) =>
      stepId === undefined ? toMention(...inJmespath) : toMention(stepId, name),
    ),
  );
  const keepsAll = mentions.has(toMention());
  return {
    isRequestSeen: keepsAll || /"request"(?!:)/.test(text),
    keepsRequest: (stepId) => keepsAll || mentions.has(toMention(stepId, 'request')),
    keepsResponse: (stepId) => keepsAll || mentions.has(toMention(stepId, 'response')),
    readsBody: (step) => {
      const own = toText(step);
      if (bodiesRead.has(step.id) || OWN_BODY.test(own)) return true;
      const inOwn = new Set(Array.from(own.matchAll(OWN_OUTPUT), ([, inPath, inJmespath]) => inPath ?? inJmespath));
      return wholeBodies(step).some((name) => inOwn.has(name) || inOutputs.has(toMention(step.id, name)));
    },
  };
}

/** Returns the names of the outputs that are the whole body of the step's response. */
function wholeBodies({ id, outputs }: PlanStep): string[] {
  const paths = ['response.body', `steps.${id}.response.body`];
  const isWhole = (template: Template) => template.kind === 'reference' && paths.includes(template.path.join('.'));
  return outputs.flatMap(([name, template]) => (isWhole(template) ? [name] : []));
}

/** JMESPath is stored in strings of the plan, so its quotes are escaped. */
function toText(part: unknown): string {
  return JSON.stringify(part).replaceAll('\\"', '"');
}

function toMention(stepId = '', part = ''): string {
  return `${stepId}.${part}`;
}
