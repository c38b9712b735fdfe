/*
 * The tools that clients call, the requests that each of them sends if it ends as `done`, and how long it may take. The
 * checker judges by this table alone.
 */

export type ToolName = 'probe' | 'read' | 'read_twice' | 'book' | 'book_trip' | 'put_item' | 'report' | 'wait_long';

export type CampaignTool = {
  method: 'GET' | 'POST' | 'PUT';
  /** The requests in the order in which they are sent. The upstream takes `stepMs` for each. */
  steps: readonly string[];
  stepMs: number;
  deadlineMs: number;
  /** Whether the platform may start the tool a second time if its worker was lost. */
  isRepeatable: boolean;
  isTask?: true;
  /** Whether its requests bypass the link that is disturbed. */
  isDirect?: true;
};

export const tools: Readonly<Record<ToolName, CampaignTool>> = {
  /** Tests whether the platform works, even if data planes have paused the upstream, as they do after many failures. */
  probe: { method: 'GET', steps: ['find'], stepMs: 0, deadlineMs: 8_000, isRepeatable: true, isDirect: true },
  read: { method: 'GET', steps: ['find'], stepMs: 20, deadlineMs: 8_000, isRepeatable: true },
  read_twice: { method: 'GET', steps: ['find', 'open'], stepMs: 150, deadlineMs: 8_000, isRepeatable: true },
  book: { method: 'POST', steps: ['book'], stepMs: 400, deadlineMs: 8_000, isRepeatable: false },
  book_trip: {
    method: 'POST',
    steps: ['reserve', 'pay', 'confirm'],
    stepMs: 250,
    deadlineMs: 8_000,
    isRepeatable: false,
  },
  put_item: { method: 'PUT', steps: ['draft', 'publish'], stepMs: 200, deadlineMs: 8_000, isRepeatable: true },
  report: {
    method: 'POST',
    steps: ['collect', 'write'],
    stepMs: 500,
    deadlineMs: 8_000,
    isRepeatable: false,
    isTask: true,
  },
  wait_long: { method: 'GET', steps: ['wait'], stepMs: 3_000, deadlineMs: 30_000, isRepeatable: true },
};

export const SECRET_NAME = 'RECORDER_KEY';

export type UpstreamUrls = { linked: string; direct: string };

/** The document with all tools. Another `revision` produces different plans that do the same. */
export function writeDocument({ linked, direct }: UpstreamUrls, revision: number): string {
  const flows = Object.entries(tools).map(([name, tool]) =>
    writeFlow(name, tool, tool.isDirect ? direct : linked, revision),
  );
  return `flower: "0.1"\nid: faults\nflows:\n${flows.join('')}`;
}

function writeFlow(name: string, tool: CampaignTool, upstreamUrl: string, revision: number): string {
  const steps = tool.steps.map(
    (step) => `
      - id: ${step}
        request:
          method: ${tool.method}
          url: "${upstreamUrl}/${name}/${step}/$inputs.call"
          headers: { x-revision: "${revision}" }
          ${tool.method === 'GET' ? '' : 'body: { call: $inputs.call }'}
        outputs: { call: $response.body.call }
        actions: [{ when: "$statusCode == 200", do: next }]`,
  );
  return `
  - id: ${name}
    description: What clients of the fault campaign call under the name ${name}.
    inputs: { properties: { call: { type: string, description: Names the call } }, required: [call] }
    security: Bearer $secrets.${SECRET_NAME}
    x-deadline: ${tool.deadlineMs / 1000}
    ${tool.isTask ? 'x-task: required' : ''}
    steps:${steps.join('')}
    outputs: { call: $steps.${tool.steps.at(-1)}.outputs.call }
`;
}
