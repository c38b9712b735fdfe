import { Select, TextInput } from '@mantine/core';

const types = [
  { value: 'bearer', label: 'Bearer token' },
  { value: 'basic', label: 'User name and password' },
  { value: 'api_key', label: 'API key in a header' },
] as const;

/** Empty values are not sent. */
export type AuthenticationChoice = { type: (typeof types)[number]['value'] | null; header: string };

export function toOption({ type, header }: AuthenticationChoice) {
  if (type === null) return {};
  return { authentication: type === 'api_key' ? { type, header } : { type } };
}

type Parts = {
  given: AuthenticationChoice;
  error: string | undefined;
  onChange: (given: AuthenticationChoice) => void;
};

/** For documents that do not say which credentials the API requires. */
export function GivenAuthenticationFields({ given, error, onChange }: Parts) {
  return (
    <>
      <Select
        label="Credentials"
        description="For operations whose document says nothing about security"
        placeholder="None"
        clearable
        data={types}
        value={given.type}
        onChange={(type) => onChange({ type, header: given.header })}
      />
      {given.type === 'api_key' ? (
        <TextInput
          label="Header of the API key"
          error={error}
          required
          value={given.header}
          onChange={({ currentTarget }) => onChange({ type: given.type, header: currentTarget.value })}
        />
      ) : undefined}
    </>
  );
}
