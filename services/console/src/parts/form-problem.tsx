import { useEffect, useRef } from 'react';
import { Problem } from './answers.tsx';

type Parts = {
  /** The error of the request. */
  error: Error | null;
  /** The part of the error that belongs to no field. */
  rest: unknown;
  title?: string;
};

/** The problem of a form as a whole. If it is about a field, that field gets the focus. */
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
