import { Box, Checkbox, FormField, Input, RadioGroup, Select, Textarea, Tiles } from '@cloudscape-design/components'
import type { ReactNode } from 'react'
import { valueAt } from './document'
import { messagesAt, useSchemaForm, type OwnPartProps } from './form-context'
import { effectiveValue, rangeOf } from './settings'
import { TextList } from './text-list'

const RADIOS_MAX = 4
const LINE_LENGTH_MAX = 200

interface FieldProps extends OwnPartProps {
  children: ReactNode
  /** Without the label, because the control has it. */
  unlabeled?: boolean
  below?: boolean
  constraint?: string | null
}

/** A setting's label, description, range, problems, and the reason why it cannot change. */
export function SettingField({ setting, at, children, unlabeled, below, constraint }: FieldProps) {
  const form = useSchemaForm()
  const { label, text, hint } = form.words
  const notes = [constraint, hint(at, effectiveValue(setting, form.document, at)), form.lockedBecause(at)]
  return (
    <FormField
      label={unlabeled ? undefined : label(at)}
      description={unlabeled ? undefined : text(setting.description, at)}
      constraintText={notes.filter(Boolean).join(' · ') || undefined}
      errorText={messagesAt(form, at, { below })}
      stretch
    >
      {children}
    </FormField>
  )
}

export function FixedPart({ setting, at }: OwnPartProps) {
  const { words } = useSchemaForm()
  return (
    <div>
      <Box variant="awsui-key-label">{words.label(at)}</Box>
      <div>{words.value(at, setting.enum?.[0])}</div>
    </div>
  )
}

export function TextPart({ setting, at }: OwnPartProps) {
  const form = useSchemaForm()
  const value = valueAt(form.document, at) as string | null | undefined
  const Control = (setting.maxLength ?? 0) > LINE_LENGTH_MAX ? Textarea : Input
  return (
    <SettingField setting={setting} at={at} constraint={rangeOf(setting)}>
      <Control
        value={value === undefined || value === null ? '' : String(value)}
        placeholder={String((setting.default as string | null) ?? '')}
        disabled={form.lockedBecause(at) !== undefined}
        ariaRequired={setting.required}
        onChange={({ detail }) => form.change(at, detail.value === '' ? undefined : detail.value)}
      />
    </SettingField>
  )
}

export function IntegerPart({ setting, at }: OwnPartProps) {
  const form = useSchemaForm()
  const value = valueAt(form.document, at) as number | string | undefined
  const unit = valueAt(form.document, at.replace(/every$/, 'unit'))
  const disabled = form.lockedBecause(at) !== undefined
  if (form.isChosen(setting.path)) {
    const from = setting.minimum ?? 0
    const numbers = Array.from({ length: (setting.maximum ?? 0) - from + 1 }, (_, place) => place + from)
    return (
      <SettingField setting={{ ...setting, description: '' }} at={at}>
        <Choice at={at} values={numbers} chosen={value} disabled={disabled} />
      </SettingField>
    )
  }
  return (
    <SettingField setting={setting} at={at} constraint={rangeOf(setting, unit)}>
      <Input
        value={value === undefined ? '' : String(value)}
        placeholder={String((setting.default as number | null) ?? '')}
        inputMode="numeric"
        disabled={disabled}
        ariaRequired={setting.required}
        onChange={({ detail }) => form.change(at, numberOf(detail.value))}
      />
    </SettingField>
  )
}

/** The whole number of a text; another text stays as it is, so that nothing that was typed is lost. */
function numberOf(text: string): number | string | undefined {
  const plain = text.replaceAll(/[\s,]/g, '')
  if (plain === '') return undefined
  return /^-?\d{1,16}$/.test(plain) ? Number(plain) : text
}

export function EnumPart({ setting, at }: OwnPartProps) {
  const form = useSchemaForm()
  const values = (setting.enum ?? []) as string[]
  const chosen = effectiveValue(setting, form.document, at)
  const disabled = form.lockedBecause(at) !== undefined
  if (values.length > RADIOS_MAX || (setting.default ?? null) === null) {
    return (
      <SettingField setting={setting} at={at}>
        <Choice at={at} values={values} chosen={chosen} disabled={disabled} />
      </SettingField>
    )
  }
  const items = values.map((value) => ({ value, label: form.words.value(at, value), disabled }))
  const onChange = ({ detail }: { detail: { value: string } }) => form.change(at, detail.value)
  return (
    <SettingField setting={setting} at={at}>
      {at.endsWith('.type') ? (
        <Tiles items={items} value={String(chosen)} onChange={onChange} columns={2} />
      ) : (
        <RadioGroup items={items} value={String(chosen)} onChange={onChange} />
      )}
    </SettingField>
  )
}

interface ChoiceProps {
  at: string
  values: readonly (string | number)[]
  chosen: unknown
  disabled: boolean
}

function Choice({ at, values, chosen, disabled }: ChoiceProps) {
  const { change, words } = useSchemaForm()
  const options = values.map((value) => ({ value: String(value), label: words.value(at, value) }))
  return (
    <Select
      options={options}
      selectedOption={options.find(({ value }) => value === String(chosen)) ?? null}
      placeholder="Choose"
      disabled={disabled}
      onChange={({ detail }) =>
        change(at, values[options.findIndex(({ value }) => value === detail.selectedOption.value)])
      }
    />
  )
}

export function BooleanPart({ setting, at }: OwnPartProps) {
  const { document, change, words, lockedBecause } = useSchemaForm()
  return (
    <SettingField setting={setting} at={at} unlabeled>
      <Checkbox
        checked={effectiveValue(setting, document, at) === true}
        description={words.text(setting.description, at)}
        disabled={lockedBecause(at) !== undefined}
        onChange={({ detail }) => change(at, detail.checked)}
      >
        {words.label(at)}
      </Checkbox>
    </SettingField>
  )
}

export function ListPart({ setting, at }: OwnPartProps) {
  const { document, change, words, suggestions } = useSchemaForm()
  const values = (effectiveValue(setting, document, at) ?? []) as string[]
  const choices = setting.items?.enum as string[] | null | undefined
  if (!choices) {
    return (
      <SettingField setting={setting} at={at} below constraint={rangeOf(setting)}>
        <TextList values={values} suggestions={suggestions(setting.path)} onChange={(next) => change(at, next)} />
      </SettingField>
    )
  }
  return (
    <SettingField setting={setting} at={at} below>
      <div role="group" aria-label={words.label(at)}>
        {choices.map((choice) => (
          <Checkbox
            key={choice}
            checked={values.includes(choice)}
            onChange={({ detail }) =>
              change(
                at,
                choices.filter((one) => (one === choice ? detail.checked : values.includes(one))),
              )
            }
          >
            {words.value(at, choice)}
          </Checkbox>
        ))}
      </div>
    </SettingField>
  )
}
