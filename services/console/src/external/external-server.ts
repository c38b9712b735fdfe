/** `ReportedExternalMcpServer` of the API: an external MCP server whose tools a server offers. */
export type ExternalServer = {
  name: string;
  url: string;
  transport: 'http' | 'sse' | null;
  headerNames: string[];
  /** The names of its tools; `['*']` means all. */
  tools: string[];
  prefix: string;
  pin: 'review' | 'strict';
  allow: Question[];
  timeoutMs: number;
  maxOutputBytes: number;
  /** The result of the last check. */
  state: 'ok' | 'unreachable' | 'failed';
  message: string | null;
  authorization: Authorization;
  checkedAt: string | null;
  reviewed: ReviewedTool[];
  /** The entries that are not offered: prompts and resources. */
  leftOut: LeftOut[];
};

export type Question = 'elicitation' | 'sampling' | 'roots';

export type Authorization = {
  state: 'none' | 'needed' | 'signed_in';
  signedInAt: string | null;
  issuer: string | null;
  scope: string | null;
};

export type ReviewedTool = {
  /** The name at its own server. */
  name: string;
  /** The name here. Null if clients do not see the tool. */
  exposedAs: string | null;
  status: 'approved' | 'changed' | 'new' | 'missing' | 'left_out';
  reason?: string;
  /** The digest of what its server declares now. */
  digest?: string;
  flags?: string[];
  changes?: ToolChange[];
};

export type ToolChange = {
  member: 'title' | 'description' | 'inputSchema' | 'outputSchema' | 'annotations';
  /** Absent if there was no earlier value. */
  before?: unknown;
  now?: unknown;
};

export type LeftOut = { kind: string; name: string; reason: string };

/** An entry of `externalMcpConfigs` in a request. Without `headers`, the headers remain unchanged. */
export type ExternalConfig = {
  name: string;
  url: string;
  tools: string[];
  transport?: 'http' | 'sse';
  prefix?: string | undefined;
  pin?: 'review' | 'strict';
  allow?: Question[];
  timeoutMs?: number;
  maxOutputBytes?: number | undefined;
  headers?: Record<string, string | { sealed: string }>;
};

/** What the server may ask the callers of its tools for. */
export const QUESTIONS: readonly { value: Question; label: string; description: string }[] = [
  { value: 'elicitation', label: 'The person', description: 'A form or a page, with the name of the server that asks' },
  { value: 'sampling', label: 'The model', description: 'A text that the model of the client completes' },
  { value: 'roots', label: 'Where files are', description: 'The folders that the client works in' },
];

export function isToReview({ status }: ReviewedTool): boolean {
  return status === 'changed' || status === 'new';
}
