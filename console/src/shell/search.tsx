import { Autosuggest } from '@cloudscape-design/components'
import { useState } from 'react'
import { go, to } from '../routing'

/** Searches for anything by its exact id: customer, code, order, transaction, wallet. */
export function Search() {
  const [text, setText] = useState('')
  return (
    <div className="search">
      <Autosuggest
        ariaLabel="Search"
        placeholder="Customer, order, code or transaction"
        value={text}
        onChange={({ detail }) => setText(detail.value)}
        onSelect={() => {
          const sought = text.trim()
          if (sought) go(to.customers(sought))
        }}
        enteredTextLabel={(value) => `Search for “${value}”`}
        filteringType="manual"
        options={[]}
      />
    </div>
  )
}
