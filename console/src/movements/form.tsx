import { Checkbox, FormField, Input, SpaceBetween, type InputProps } from '@cloudscape-design/components'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { DayPicker } from '../parts/day-picker'
import type { Errors, Values } from './values'

export interface Form<Shape extends Values> {
  values: Shape
  errors: Errors
  set: (change: Partial<Shape>) => void
}

/** The values of a form, kept while it is reviewed. Errors of a changed field disappear. */
export function useForm<Shape extends Values>(initial: Shape) {
  const [values, setValues] = useState(initial)
  const [errors, report] = useState<Errors>({})
  const form: Form<Shape> = {
    values,
    errors,
    set: (change) => {
      setValues((known) => ({ ...known, ...change }))
      report((known) => without(known, Object.keys(change)))
    },
  }
  return { form, report }
}

function without(errors: Errors, fields: readonly string[]): Errors {
  const left = Object.entries(errors).filter(([field]) => !fields.includes(field))
  return Object.fromEntries(left)
}

/** The fields of a form, one below the other. */
export function Fields({ children }: { children: ReactNode }) {
  return <SpaceBetween size="l">{children}</SpaceBetween>
}

const WRONG = '[aria-invalid="true"]'

interface FormElementProps {
  id: string
  problem: Error | undefined
  /** Returns whether the form was complete. */
  onSubmit: () => boolean
  children: ReactNode
}

/** The form itself. The first field has the focus when the form opens, and the first wrong field after a mistake. */
export function FormElement({ id, problem, onSubmit, children }: FormElementProps) {
  const element = useRef<HTMLFormElement>(null)
  const focusOn = (selector: string) => element.current?.querySelector<HTMLElement>(selector)?.focus()
  useEffect(() => {
    // The dialog itself takes the focus first.
    const later = setTimeout(() => focusOn(problem ? WRONG : 'input'))
    return () => clearTimeout(later)
  }, [problem])
  return (
    <form
      ref={element}
      id={id}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!onSubmit()) setTimeout(() => focusOn(WRONG))
      }}
    >
      {children}
    </form>
  )
}

type TextNames<Shape> = { [Name in keyof Shape]: Shape[Name] extends string ? Name : never }[keyof Shape] & string
type FlagNames<Shape> = { [Name in keyof Shape]: Shape[Name] extends boolean ? Name : never }[keyof Shape] & string

interface FieldProps<Shape extends Values, Name> {
  form: Form<Shape>
  field: Name
  label: string
  description?: string
  constraint?: string
}

interface TextFieldProps<Shape extends Values> extends FieldProps<Shape, TextNames<Shape>> {
  optional?: boolean
  /** A number is typed with the numeric keyboard of a phone. */
  number?: boolean
  placeholder?: string
}

export function TextField<Shape extends Values>(props: TextFieldProps<Shape>) {
  const { form, field, label, description, constraint, optional = false, number = false, placeholder } = props
  const type: Partial<InputProps> = number ? { inputMode: 'decimal' } : { spellcheck: true }
  return (
    <FormField
      label={optional ? optionalLabel(label) : label}
      description={description}
      constraintText={constraint}
      errorText={form.errors[field]}
    >
      <Input
        {...type}
        value={form.values[field] as string}
        onChange={({ detail }) => form.set({ [field]: detail.value } as Partial<Shape>)}
        placeholder={placeholder}
        autoComplete={false}
        ariaRequired={!optional}
        data-field={field}
      />
    </FormField>
  )
}

export function DayField<Shape extends Values>(props: FieldProps<Shape, TextNames<Shape>> & { optional?: boolean }) {
  const { form, field, label, description, constraint, optional = false } = props
  return (
    <FormField
      label={optional ? optionalLabel(label) : label}
      description={description}
      constraintText={constraint ?? 'Year/month/day, such as 2027/12/31.'}
      errorText={form.errors[field]}
    >
      <DayPicker
        name={label}
        value={form.values[field] as string}
        onChange={({ detail }) => form.set({ [field]: detail.value } as Partial<Shape>)}
      />
    </FormField>
  )
}

export function Flag<Shape extends Values>(props: FieldProps<Shape, FlagNames<Shape>>) {
  const { form, field, label, description } = props
  return (
    <Checkbox
      checked={form.values[field] as boolean}
      onChange={({ detail }) => form.set({ [field]: detail.checked } as Partial<Shape>)}
      description={description}
    >
      {label}
    </Checkbox>
  )
}

function optionalLabel(label: string) {
  return (
    <>
      {label} <i>– optional</i>
    </>
  )
}
