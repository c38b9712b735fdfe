import { Alert, Center, List, Loader } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiError, toSentences } from '../api/api-error.ts';

/** What went wrong, in the words of the API. */
export function Problem({ error, title = 'The request failed' }: { error: unknown; title?: string }) {
  const sentences = toSentences(error);
  return (
    <Alert color="red" title={title} role="alert">
      {sentences.length === 1 ? sentences[0] : <List size="sm">{sentences.map(toItem)}</List>}
    </Alert>
  );
}

function toItem(sentence: string) {
  return <List.Item key={sentence}>{sentence}</List.Item>;
}

export function Loading() {
  return (
    <Center p="xl">
      <Loader role="progressbar" aria-label="Loading" />
    </Center>
  );
}

type Shown<Data> = { answer: UseQueryResult<Data>; children: (data: Data) => ReactNode };

/**
 * Renders an answer once it is loaded. While it is loaded again, the earlier answer remains, unless it no longer exists
 * or the person may no longer see it.
 */
export function WhenAnswered<Data>({ answer, children }: Shown<Data>) {
  if (answer.data !== undefined && !isRefused(answer.error)) return children(answer.data);
  return answer.isError ? <Problem error={answer.error} title="This cannot be shown" /> : <Loading />;
}

function isRefused(error: Error | null): boolean {
  return error instanceof ApiError && (error.status === 403 || error.status === 404);
}
