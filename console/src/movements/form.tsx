import { Checkbox, DatePicker, FormField, Input, type InputProps } from '@cloudscape-design/components'
import { useState } from 'react'
import { Problem } from '../api/problems'

/** What was typed, by the field of the request's body that it becomes, such as `order.amount`. */
export type Values = Readonly<Record<string, string | boolean>>
/** What is wrong, by field. */
export type Errors = Readonly<Record<string, string>>
/** The body of the request, or what is wrong with the form. */
export type Checked<Body> = { body: Body } | { errors: Errors }

export interface Form<Shape extends Values> {
  values: Shape
  errors: Errors
  set: (change: Partial<Shape>) => void
}

/** The values of a form, kept while it is reviewed. Errors of a changed field disappear. */
export function useForm<Shape extends Values>(initial: Shape): Form<Shape> & { report: (errors: Errors) => void } {
  const [values, setValues] = useState(initial)
  const [errors, report] = useState<Errors>({})
  return {
    values,
    errors,
    report,
    set: (change) => {
      setValues((known) => ({ ...known, ...change }))
      report((known) => Object.fromEntries(Object.entries(known).filter(([field]) => !(field in change))))
    },
  }
}

/** The API's complaints about the body, by field. */
export function errorsOf(problem: Error | undefined): Errors {
  if (!(problem instanceof Problem)) return {}
  return Object.fromEntries(problem.fields.map(({ field, message }) => [field.replace(/^body\./, ''), message]))
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
  /** The field that has the focus when the form opens. */
  first?: boolean
}

export function TextField<Shape extends Values>(props: TextFieldProps<Shape>) {
  const { form, field, label, description, constraint, optional = false, number = false, placeholder, first } = props
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
        // The first field of a dialog that was opened to fill it.
        // eslint-disable-next-line jsx-a11y/no-autofocus
        autoFocus={first}
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
      <DatePicker
        value={form.values[field] as string}
        onChange={({ detail }) => form.set({ [field]: detail.value } as Partial<Shape>)}
        placeholder="YYYY/MM/DD"
        openCalendarAriaLabel={(selected) => `Choose the ${label.toLowerCase()}${selected ? `, now ${selected}` : ''}`}
        expandToViewport
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
