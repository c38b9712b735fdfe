import { TextInput } from '@mantine/core';

type Parts = {
  value: string;
  onChange: (name: string) => void;
  error: string | undefined;
  description?: string;
  maxLength?: number;
  /** True in dialogs, where the field should have the focus when they open. */
  isFocused?: boolean;
};

/** The name of what a form creates or changes. */
export function NameField({ onChange, isFocused = true, ...field }: Parts) {
  return (
    <TextInput
      label="Name"
      required
      {...field}
      data-autofocus={isFocused || undefined}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
