import { Accordion, Code, Group, Stack, Text } from '@mantine/core';
import type { ActionRun, FlowRun, StepRun } from '@toolplane/contracts';
import { StateBadge } from '../parts/state-badge.tsx';

type Run = FlowRun | StepRun | ActionRun;

/** The steps of a run in their order, with what each one sent, received and decided. Secrets are already masked. */
export function TraceTree({ flow }: { flow: FlowRun }) {
  return (
    <Stack gap="xs">
      {(flow.notes ?? []).map((note) => (
        <Text key={note} size="sm">
          {note}
        </Text>
      ))}
      <Children of={flow} />
      {flow.events_left_out === undefined ? undefined : (
        <Text size="sm">{flow.events_left_out} more steps are not shown.</Text>
      )}
    </Stack>
  );
}

function Children({ of: { children } }: { of: FlowRun | StepRun }) {
  // A finished run does not change, so the position of a step can serve as its key.
  return (
    <Accordion variant="separated" multiple>
      {children.map((run, index) => (
        <RunItem key={index} run={run} value={String(index)} />
      ))}
    </Accordion>
  );
}

function RunItem({ run, value }: { run: Run; value: string }) {
  if (run.type === 'action.run') return <ActionNote run={run} />;
  return (
    <Accordion.Item value={value}>
      <Accordion.Control>
        {run.type === 'flow.run' ? <Text size="sm">Workflow {run.flow_id}</Text> : <StepTitle step={run} />}
      </Accordion.Control>
      <Accordion.Panel>{run.type === 'flow.run' ? <Children of={run} /> : <StepParts step={run} />}</Accordion.Panel>
    </Accordion.Item>
  );
}

function StepTitle({ step: { step_id, attempt, request, response, duration_ms, error } }: { step: StepRun }) {
  return (
    <Group gap="sm">
      <Text size="sm" fw={600} ff="monospace">
        {step_id}
      </Text>
      {attempt > 1 ? <Text size="sm">try {attempt}</Text> : undefined}
      {request === undefined ? undefined : (
        <Text size="sm" c="dimmed">
          {request.method} {request.url}
        </Text>
      )}
      {response === undefined ? undefined : (
        <StateBadge state={{ label: String(response.status), tone: response.status < 400 ? 'good' : 'bad' }} />
      )}
      {error === undefined ? undefined : <StateBadge state={{ label: error.code, tone: 'bad' }} />}
      <Text size="sm" c="dimmed">
        {duration_ms.toFixed(0)} ms
      </Text>
    </Group>
  );
}

function StepParts({ step }: { step: StepRun }) {
  const parts = {
    Error: step.error,
    Request: step.exchanges === undefined ? step.request : undefined,
    Answer: step.exchanges === undefined ? step.response : undefined,
    'Requests and answers': step.exchanges,
    Outputs: step.outputs,
    'Why it did not continue': step.decision,
    'Cut off': step.cut,
  };
  return (
    <Stack gap="xs">
      {Object.entries(parts).map(([title, value]) =>
        value === undefined ? undefined : <Part key={title} title={title} value={value} />,
      )}
      <Children of={step} />
    </Stack>
  );
}

function Part({ title, value }: { title: string; value: unknown }) {
  return (
    <div>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <Code block>{JSON.stringify(value, null, 2)}</Code>
    </div>
  );
}

function ActionNote({ run: { action, decision } }: { run: ActionRun }) {
  const { chosen, actions = [] } = decision ?? {};
  return (
    <Text size="sm">
      Then: {action.type}
      {action.to === undefined ? undefined : ` ${action.to}`}
      {action.wait_ms === undefined ? undefined : ` after ${action.wait_ms} ms`}
      {chosen === undefined ? undefined : `, by action ${chosen + 1} of ${actions.length}`}
    </Text>
  );
}
