import { Autosuggest, SpaceBetween, TokenGroup } from '@cloudscape-design/components'
import { useState } from 'react'

interface TextListProps {
  values: readonly string[]
  suggestions: readonly string[]
  onChange: (values: string[]) => void
}

/** A list of texts. Known texts are suggested; Enter adds what was typed. */
export function TextList({ values, suggestions, onChange }: TextListProps) {
  const [typed, setTyped] = useState('')
  function add(text: string) {
    setTyped('')
    const added = text.trim()
    if (added !== '' && !values.includes(added)) onChange([...values, added])
  }
  return (
    <SpaceBetween size="xs">
      <Autosuggest
        value={typed}
        options={suggestions.filter((one) => !values.includes(one)).map((value) => ({ value }))}
        placeholder="Type a name, then press Enter"
        enteredTextLabel={(text) => `Add ${text}`}
        empty="There is no other definition."
        onChange={({ detail }) => setTyped(detail.value)}
        onSelect={({ detail }) => add(detail.value)}
        onKeyDown={({ detail }) => {
          if (detail.key === 'Enter') add(typed)
        }}
        onBlur={() => add(typed)}
      />
      <TokenGroup
        items={values.map((label) => ({ label, dismissLabel: `Remove ${label}` }))}
        onDismiss={({ detail }) => onChange(values.filter((_, place) => place !== detail.itemIndex))}
      />
    </SpaceBetween>
  )
}
