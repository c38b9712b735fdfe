import type { Plan } from '@toolplane/contracts';

/** Which requests and answers expressions can still name once their step has ended. */
export type KeptMessages = {
  /** Whether expressions name a request at all. */
  isRequestSeen: boolean;
  keepsRequest(stepId: string): boolean;
  keepsResponse(stepId: string): boolean;
};

/**
 * In a path (`"steps","a","response"`) or in JMESPath (`"steps"."a"."response"`); it is not a key of the plan itself.
 */
const MENTION = /"steps"(?!:)(?:[.,]"([^"]+)"[.,]"([^"]+)")?/g;

/** Inferred from any mention; one that does not say which step and which part of it keeps everything. */
export function findKeptMessages({ steps, outputs, content, analytics, workflows }: Plan): KeptMessages {
  const text = JSON.stringify([steps, outputs, content, analytics, workflows]).replaceAll('\\"', '"');
  const mentions = new Set(Array.from(text.matchAll(MENTION), ([, stepId, part]) => toMention(stepId, part)));
  const keepsAll = mentions.has(toMention());
  return {
    isRequestSeen: keepsAll || /"request"(?!:)/.test(text),
    keepsRequest: (stepId) => keepsAll || mentions.has(toMention(stepId, 'request')),
    keepsResponse: (stepId) => keepsAll || mentions.has(toMention(stepId, 'response')),
  };
}

function toMention(stepId = '', part = ''): string {
  return `${stepId}.${part}`;
}
