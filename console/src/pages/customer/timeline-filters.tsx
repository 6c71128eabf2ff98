import { Button, ColumnLayout, FormField, Input, Select } from '@cloudscape-design/components'
import { useEffect, useState } from 'react'
import { DayPicker } from '../../parts/day-picker'
import type { Query } from '../../routing'
import { operation, source, transactionType } from '../../words/en'
import { FILTERS, isFiltered, type FilterName } from './filters'

interface Props {
  query: Query
  change: (changes: Record<string, string | undefined>) => void
}

const TYPING_MS = 400

export function TimelineFilters({ query, change }: Props) {
  return (
    <ColumnLayout columns={4} minColumnWidth={150}>
      <Choice name="type" label="Type" words={transactionType} {...{ query, change }} />
      <Choice name="operation" label="Operation" words={operation} {...{ query, change }} />
      <Choice name="source" label="Source" words={source} {...{ query, change }} />
      <Text name="order" label="Order" {...{ query, change }} />
      <Text name="min" label="Points from" inputMode="decimal" {...{ query, change }} />
      <Text name="max" label="Points to" inputMode="decimal" {...{ query, change }} />
      <Day name="from" label="From" calendar="First day" {...{ query, change }} />
      <Day name="to" label="To" calendar="Last day" {...{ query, change }} />
    </ColumnLayout>
  )
}

/** Without a filter there is nothing to clear. */
export function ClearFilters({ query, change }: Props) {
  if (!isFiltered(query)) return null
  return (
    <Button onClick={() => change(Object.fromEntries(FILTERS.map((name) => [name, undefined])))}>Clear filters</Button>
  )
}

interface FieldProps extends Props {
  name: FilterName
  label: string
}

const ANY = ''

function Choice({ name, label, words, query, change }: FieldProps & { words: Readonly<Record<string, string>> }) {
  const options = [
    { value: ANY, label: 'Any' },
    ...Object.entries(words).map(([value, text]) => ({ value, label: text })),
  ]
  return (
    <FormField label={label}>
      <Select
        options={options}
        selectedOption={options.find(({ value }) => value === query[name]) ?? options[0] ?? null}
        onChange={({ detail }) => change({ [name]: detail.selectedOption.value || undefined })}
      />
    </FormField>
  )
}

/** Filters a moment after the last key. */
function Text({ name, label, inputMode, query, change }: FieldProps & { inputMode?: 'decimal' }) {
  const applied = query[name] ?? ''
  const [text, setText] = useState(applied)
  const [known, setKnown] = useState(applied)
  if (known !== applied) {
    // The location changed, for example by "Clear filters".
    setKnown(applied)
    setText(applied)
  }
  useEffect(() => {
    if (text === applied) return
    const timer = setTimeout(() => change({ [name]: text || undefined }), TYPING_MS)
    return () => clearTimeout(timer)
  }, [text, applied, name, change])
  return (
    <FormField label={label}>
      <Input value={text} inputMode={inputMode} onChange={({ detail }) => setText(detail.value)} />
    </FormField>
  )
}

function Day({ name, label, calendar, query, change }: FieldProps & { calendar: string }) {
  return (
    <FormField label={label}>
      <DayPicker
        name={calendar}
        value={query[name] ?? ''}
        onChange={({ detail }) => change({ [name]: detail.value || undefined })}
      />
    </FormField>
  )
}
