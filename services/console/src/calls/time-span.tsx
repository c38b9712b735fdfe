import { NativeSelect, TextInput } from '@mantine/core';
import { toLocal } from '../parts/local-time.ts';
import { DAY, DAY_MS, SPANS, useCallSearch } from './call-search.ts';

const BETWEEN = 'between';
const ANY = { value: '', label: 'Any time' };

/** The time span: one that ends now, or between two times on the local clock. */
export function TimeSpan({ isLimited = false }: { isLimited?: boolean }) {
  const { values, change } = useCallSearch();
  const isBetween = values.from !== undefined || values.to !== undefined;
  const begin = (chosen: string) => {
    if (chosen !== BETWEEN) return change({ span: chosen, from: undefined, to: undefined });
    const to = new Date();
    change({ span: undefined, from: new Date(to.getTime() - DAY_MS).toISOString(), to: to.toISOString() });
  };
  return (
    <>
      <NativeSelect
        label="Time"
        data={[...(isLimited ? [] : [ANY]), ...SPANS, { value: BETWEEN, label: 'Between two times' }]}
        value={isBetween ? BETWEEN : (values.span ?? (isLimited ? DAY : ''))}
        onChange={({ currentTarget }) => begin(currentTarget.value)}
      />
      {isBetween ? (
        <>
          <Moment label="From" at={values.from} onChange={(from) => change({ from })} />
          <Moment label="To" at={values.to} onChange={(to) => change({ to })} />
        </>
      ) : undefined}
    </>
  );
}

function Moment({ label, at, onChange }: { label: string; at: string | undefined; onChange: (at?: string) => void }) {
  return (
    <TextInput
      label={label}
      type="datetime-local"
      value={toLocal(at)}
      onChange={({ currentTarget: { value } }) => onChange(value === '' ? undefined : new Date(value).toISOString())}
    />
  );
}
