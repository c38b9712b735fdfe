import { NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import type { ConnectorField } from '@toolplane/api-client';
import type { ReactNode } from 'react';

type Parts = {
  field: ConnectorField;
  /** The name in the form. The typed value is read from the form, and is never in any state. */
  name: string;
  value?: string | undefined;
  error?: ReactNode;
};

/** An input that a descriptor declares. If it is left empty, its default applies. */
export function DeclaredInput({ field, name, value, error }: Parts) {
  const { key, label = key, description, field_type: type, default_value: standard, options = [] } = field;
  const common = {
    name,
    label,
    description,
    error,
    required: field.required && standard === undefined,
    defaultValue: value ?? '',
    autoComplete: 'off',
  };
  if (type === 'boolean' || type === 'select') {
    const choices = type === 'boolean' ? ['true', 'false'] : options;
    const none = { value: '', label: standard === undefined ? 'Choose' : `Default: ${standard}` };
    return <NativeSelect {...common} data={[none, ...choices]} />;
  }
  if (isSecret(field)) {
    const toggle = { 'aria-label': `Show or hide ${label}` };
    return <PasswordInput {...common} autoComplete="new-password" visibilityToggleButtonProps={toggle} />;
  }
  return (
    <TextInput
      {...common}
      {...(standard === undefined ? {} : { placeholder: `Default: ${standard}` })}
      {...(type === 'number' ? { inputMode: 'decimal' } : {})}
      type={type === 'url' ? 'url' : 'text'}
      autoCapitalize="none"
      spellCheck={false}
    />
  );
}

function isSecret({ field_type: type, secret }: ConnectorField): boolean {
  return type === 'secret' || secret === true;
}
