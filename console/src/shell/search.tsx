import { Input } from '@cloudscape-design/components'
import { useState } from 'react'
import { go, to } from '../routing'

/** Searches for anything by its exact id: customer, code, order, transaction, wallet. The page of customers shows what is found. */
export function Search() {
  const [text, setText] = useState('')
  return (
    <form
      className="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        const sought = text.trim()
        if (!sought) return
        go(to.customers(sought))
        setText('')
      }}
    >
      <Input
        type="search"
        ariaLabel="Search"
        placeholder="Customer, order, code or transaction"
        value={text}
        onChange={({ detail }) => setText(detail.value)}
      />
    </form>
  )
}
