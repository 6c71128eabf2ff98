// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, expect, test } from 'vitest'
import { withValue, type Document } from './document'
import { SchemaFormContext, type SchemaForm } from './form-context'
import { EXAMPLE_SETTINGS as settings } from './schema-example'
import { Settings } from './schema-form'
import type { SettingProblem } from './settings'

afterEach(cleanup)

interface FormProps {
  initial?: Document
  problems?: SettingProblem[]
  locked?: Readonly<Record<string, string>>
  changed?: (document: Document) => void
}

function Form({ initial = {}, problems = [], locked = {}, changed }: FormProps) {
  const [document, setDocument] = useState(initial)
  const form: SchemaForm = {
    document,
    change: (path, value) => {
      const next = withValue(document, path, value)
      setDocument(next)
      changed?.(next)
    },
    settings,
    problems,
    lockedBecause: (path) => locked[path],
    words: {
      label: (path) => path,
      value: (path, value) => `${path} ${String(value)}`,
      text: (text) => text,
      hint: () => null,
    },
    isChosen: (path) => path.endsWith('month'),
    suggestions: () => [],
    own: {},
  }
  return (
    <SchemaFormContext.Provider value={form}>
      <Settings settings={settings} />
    </SchemaFormContext.Provider>
  )
}

test('every kind of setting has a control with its name', () => {
  render(
    <Form
      initial={{
        allowDebt: true,
        expiration: { type: 'CALENDAR', dates: [{ month: 6, day: 30 }] },
        pending: { cancelAfter: { every: 1, unit: 'DAY' } },
      }}
    />,
  )
  expect(screen.getByRole('textbox', { name: 'name' })).toBeTruthy()
  expect(screen.getByRole('checkbox', { name: 'allowDebt' })).toHaveProperty('checked', true)
  expect(screen.getByRole('textbox', { name: 'largestDebt' })).toBeTruthy()
  expect(screen.getByRole('radio', { name: 'expiration.type CALENDAR' })).toHaveProperty('checked', true)
  expect(screen.getByRole('group', { name: 'expiration.dates[0]' })).toBeTruthy()
  expect(screen.getByRole('textbox', { name: 'expiration.dates[0].day' })).toHaveProperty('value', '30')
  expect(screen.getByRole('textbox', { name: 'pending.cancelAfter.every' })).toHaveProperty('value', '1')
  expect(screen.queryByRole('textbox', { name: 'expiration.every' })).toBeNull()
})

test('what is entered is in the document, and what was typed wrongly is kept', async () => {
  const user = userEvent.setup()
  let document: Document = {}
  render(<Form changed={(next) => (document = next)} />)
  await user.click(screen.getByRole('radio', { name: 'expiration.type ROLLING' }))
  await user.type(screen.getByRole('textbox', { name: 'expiration.every' }), '1x')
  await user.type(screen.getByRole('textbox', { name: 'name' }), 'C')
  expect(document).toEqual({ name: 'C', expiration: { type: 'ROLLING', every: '1x' } })
})

test('a problem is at its field, and a fixed setting is disabled with its reason', () => {
  const problems = [{ path: 'code.pattern', message: 'The code is too long.' }]
  render(<Form problems={problems} locked={{ 'code.length': 'Customers hold cards.' }} />)
  expect(screen.getByText('Action required: The code is too long.')).toBeTruthy()
  expect(screen.getByRole('textbox', { name: 'code.length' })).toHaveProperty('disabled', true)
  expect(screen.getByText('1 to 64 · Customers hold cards.')).toBeTruthy()
})
