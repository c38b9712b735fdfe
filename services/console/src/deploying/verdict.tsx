import { Alert, Text } from '@mantine/core';
import { count, type DeployOutcome } from './outcome.ts';

const TEXTS: Record<DeployOutcome['kind'], { title: string; isGood: boolean; plain: string }> = {
  valid: { title: 'This can be deployed', isGood: true, plain: 'No problems were found.' },
  invalid: { title: 'This cannot be deployed', isGood: false, plain: '' },
  deployed: { title: 'Deployed', isGood: true, plain: 'This document is active now.' },
  unchanged: { title: 'This document is already running', isGood: true, plain: 'Nothing was deployed.' },
  refused: { title: 'Nothing was deployed', isGood: false, plain: '' },
};

/** `definition` is the current text. The outcome may be about an older one. */
export function Verdict({ outcome, definition }: { outcome: DeployOutcome; definition: string }) {
  const { kind, diagnostics } = outcome;
  const { title, isGood, plain } = TEXTS[kind];
  const found = count(diagnostics);
  return (
    <Alert color={isGood ? 'green' : 'red'} title={title} role={isGood ? 'status' : 'alert'}>
      <Text size="sm">{found === undefined ? plain : `${found}, listed below the document.`}</Text>
      {outcome.definition === definition ? undefined : (
        <Text size="sm">You have changed the document since then. Lines and columns may have moved.</Text>
      )}
    </Alert>
  );
}
