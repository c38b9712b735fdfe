import { NativeSelect } from '@mantine/core';
import { type FilterName, useCallSearch } from './call-search.ts';

type Parts = { name: FilterName; label: string; choices: readonly { value: string; label: string }[] };

/** A filter with few possible values. A value from a link that is not among them is kept. */
export function FilterChoice({ name, label, choices }: Parts) {
  const { values, change } = useCallSearch();
  const value = values[name] ?? '';
  const isKnown = value === '' || choices.some((choice) => choice.value === value);
  const data = [{ value: '', label: 'Any' }, ...choices, ...(isKnown ? [] : [{ value, label: value }])];
  return (
    <NativeSelect
      label={label}
      data={data}
      value={value}
      onChange={({ currentTarget }) => change({ [name]: currentTarget.value })}
    />
  );
}
