import { DatePicker, type DatePickerProps } from '@cloudscape-design/components'
import { useRef } from 'react'

/** A date picker whose calendar has a name: the library's own dialog has none. */
export function DayPicker({ name, ...picker }: DatePickerProps & { name: string }) {
  const element = useRef<HTMLDivElement>(null)
  return (
    <div
      ref={element}
      onFocus={() => element.current?.querySelector('[role="dialog"]')?.setAttribute('aria-label', name)}
    >
      <DatePicker
        {...picker}
        placeholder="YYYY/MM/DD"
        openCalendarAriaLabel={(chosen) => `Choose the ${name.toLowerCase()}${chosen ? `, now ${chosen}` : ''}`}
      />
    </div>
  )
}
