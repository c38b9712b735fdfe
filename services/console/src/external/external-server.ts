import type { ExternalQuestion, ReviewedTool } from '@toolplane/api-client';

/** What the server may ask the callers of its tools for. */
export const QUESTIONS: readonly { value: ExternalQuestion; label: string; description: string }[] = [
  { value: 'elicitation', label: 'The person', description: 'A form or a page, with the name of the server that asks' },
  { value: 'sampling', label: 'The model', description: 'A text that the model of the client completes' },
  { value: 'roots', label: 'Where files are', description: 'The folders that the client works in' },
];

export function isToReview({ status }: ReviewedTool): boolean {
  return status === 'changed' || status === 'new';
}
