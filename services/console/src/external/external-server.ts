/** `ReportedExternalMcpServer` of the API: an external MCP server whose tools a server offers. */
export type ExternalServer = {
  name: string;
  url: string;
  transport: 'http' | 'sse' | null;
  headerNames: string[];
  /** `['*']`: all. */
  tools: string[];
  prefix: string;
  pin: 'review' | 'strict';
  allow: Question[];
  timeoutMs: number;
  maxOutputBytes: number;
  /** Result of the last check. */
  state: 'ok' | 'unreachable' | 'failed';
  message: string | null;
  authorization: Authorization;
  checkedAt: string | null;
  reviewed: ReviewedTool[];
  /** Prompts and resources. */
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
  /** At its server. */
  name: string;
  /** Here; null: clients do not see it. */
  exposedAs: string | null;
  status: 'approved' | 'changed' | 'new' | 'missing' | 'left_out';
  reason?: string;
  /** Of what its server declares now. */
  digest?: string;
  flags?: string[];
  changes?: ToolChange[];
};

export type ToolChange = {
  member: 'title' | 'description' | 'inputSchema' | 'outputSchema' | 'annotations';
  /** Absent: there was none. */
  before?: unknown;
  now?: unknown;
};

export type LeftOut = { kind: string; name: string; reason: string };

/** The form of each entry of `externalMcpConfigs` in a request. Without `headers`, the headers stay as they are. */
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

/** What it may ask of the callers of its tools. */
export const QUESTIONS: readonly { value: Question; label: string; description: string }[] = [
  { value: 'elicitation', label: 'The person', description: 'A form or a page, with the name of the server that asks' },
  { value: 'sampling', label: 'The model', description: 'A text that the model of the client completes' },
  { value: 'roots', label: 'Where files are', description: 'The folders that the client works in' },
];

export function isToReview({ status }: ReviewedTool): boolean {
  return status === 'changed' || status === 'new';
}
