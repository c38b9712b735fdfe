import { useEffect, useRef } from 'react';
import { Problem } from './answers.tsx';

type Parts = {
  /** Of the request. */
  error: Error | null;
  /** What of it stands at no field. */
  rest: unknown;
  title?: string;
};

/** In a form, what was wrong with it as a whole. Where it was a field, that gets the focus. */
export function FormProblem({ error, rest, title }: Parts) {
  const here = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error === null) return;
    here.current?.closest('form')?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [error]);
  return (
    <div ref={here} hidden={rest === undefined}>
      {rest === undefined ? undefined : <Problem error={rest} {...(title === undefined ? {} : { title })} />}
    </div>
  );
}
