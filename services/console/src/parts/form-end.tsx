import { Button, type ButtonProps, Group } from '@mantine/core';
import { FormProblem } from './form-problem.tsx';

type Parts = {
  /** The request that the form sends. */
  change: { error: Error | null; isPending: boolean };
  /** The part of its error that belongs to no field. */
  rest: unknown;
  submitLabel: string;
  /** The title of the error. */
  title?: string;
  button?: Pick<ButtonProps, 'color' | 'disabled'>;
};

/** The end of a form: its problems, and the button that sends it. */
export function FormEnd({ change, submitLabel, button, ...problem }: Parts) {
  return (
    <>
      <FormProblem error={change.error} {...problem} />
      <Group justify="flex-end">
        <Button type="submit" loading={change.isPending} {...button}>
          {submitLabel}
        </Button>
      </Group>
    </>
  );
}
