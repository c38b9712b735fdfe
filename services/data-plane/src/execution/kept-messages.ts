import type { Plan, PlanStep, Template } from '@toolplane/contracts';

/** Which requests and answers expressions can still name once their step has ended. */
export type KeptMessages = {
  /** Whether expressions name a request at all. */
  isRequestSeen: boolean;
  keepsRequest(stepId: string): boolean;
  keepsResponse(stepId: string): boolean;
  /** Whether anything names a part of the body of the step's answer; the body as a whole can be any text. */
  looksIntoBody(step: PlanStep): boolean;
};

/**
 * In a path (`"steps","a","response"`) or in JMESPath (`"steps"."a"."response"`); it is not a key of the plan itself.
 */
const MENTION = /"steps"(?!:)(?:[.,]"([^"]+)"[.,]"([^"]+)")?/g;

/** The step's own answer, in a path with a further segment or in JMESPath. */
const OWN_BODY = /\["response","body","|\$\."response"\."body"/;
const BODY_OF_STEP = /"steps","([^"]+)","response","body","|"steps"\."([^"]+)"\."response"\."body"/g;

/** The same for outputs, each of which can be the body as a whole. */
const OWN_OUTPUT = /\["outputs","([^"]+)","|\$\."outputs"\."([^"]+)"/g;
const OUTPUT_OF_STEP = /"steps","([^"]+)","outputs","([^"]+)","|"steps"\."([^"]+)"\."outputs"\."([^"]+)"/g;

/** Inferred from any mention; one that does not say which step and which part of it keeps everything. */
export function findKeptMessages({ steps, outputs, content, analytics, workflows }: Plan): KeptMessages {
  const text = toText([steps, outputs, content, analytics, workflows]);
  const mentions = new Set(Array.from(text.matchAll(MENTION), ([, stepId, part]) => toMention(stepId, part)));
  const lookedInto = new Set(Array.from(text.matchAll(BODY_OF_STEP), ([, inPath, inJmespath]) => inPath ?? inJmespath));
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
    looksIntoBody: (step) => {
      const own = toText(step);
      if (lookedInto.has(step.id) || OWN_BODY.test(own)) return true;
      const inOwn = new Set(Array.from(own.matchAll(OWN_OUTPUT), ([, inPath, inJmespath]) => inPath ?? inJmespath));
      return wholeBodies(step).some((name) => inOwn.has(name) || inOutputs.has(toMention(step.id, name)));
    },
  };
}

/** The outputs that are the body of the step's answer. */
function wholeBodies({ id, outputs }: PlanStep): string[] {
  const paths = ['response.body', `steps.${id}.response.body`];
  const isWhole = (template: Template) => template.kind === 'reference' && paths.includes(template.path.join('.'));
  return outputs.flatMap(([name, template]) => (isWhole(template) ? [name] : []));
}

/** JMESPath stands in a text of the plan, with its quotes escaped. */
function toText(part: unknown): string {
  return JSON.stringify(part).replaceAll('\\"', '"');
}

function toMention(stepId = '', part = ''): string {
  return `${stepId}.${part}`;
}
