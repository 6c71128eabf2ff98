import { Button, Checkbox, ColumnLayout, Header, SpaceBetween } from '@cloudscape-design/components'
import { Suspense } from 'react'
import { valueAt } from './document'
import { focusSetting, useSchemaForm, type OwnPartProps } from './form-context'
import { effectiveValue, isUsed, rangeOf, type Setting } from './settings'
import { BooleanPart, EnumPart, FixedPart, IntegerPart, ListPart, SettingField, TextPart } from './value-parts'

/** Settings as their schema describes them. Those that have no effect beside the others are not shown. */
export function Settings({ settings, within = '' }: { settings: readonly Setting[]; within?: string }) {
  const form = useSchemaForm()
  const shown = settings.filter((setting) => isUsed(setting, form.document, form.settings))
  const partOf = (setting: Setting) => {
    const at = within === '' ? setting.path : setting.path.replace(/^.*\[\]/, within)
    return <SettingPart key={at} setting={setting} at={at} />
  }
  return (
    <SpaceBetween size="l">
      {rowsOf(shown, within !== '').map((row) => {
        const [first] = row
        if (row.length === 1) return first && partOf(first)
        return (
          <ColumnLayout key={first?.path} columns={2}>
            {row.map(partOf)}
          </ColumnLayout>
        )
      })}
    </SpaceBetween>
  )
}

/** A period's number is beside its unit, and the fields of a list's entry are beside each other. */
function rowsOf(settings: readonly Setting[], isEntry: boolean): Setting[][] {
  const rows: Setting[][] = []
  for (const setting of settings) {
    const row = rows.at(-1)
    const isUnit = row?.[0]?.path.replace(/every$/, 'unit') === setting.path
    if (row && (isEntry || isUnit)) row.push(setting)
    else rows.push([setting])
  }
  return rows
}

function SettingPart(props: OwnPartProps) {
  const { own } = useSchemaForm()
  const Part = own[props.setting.path] ?? PARTS[kindOf(props.setting)]
  return (
    <div data-setting={props.at}>
      <Suspense fallback={<span role="status">Loading</span>}>
        <Part {...props} />
      </Suspense>
    </div>
  )
}

function kindOf(setting: Setting): keyof typeof PARTS {
  if (setting.enum?.length === 1) return 'fixed'
  if (setting.type === 'array') return setting.fields ? 'objects' : 'list'
  if (setting.type === 'object') return setting.nullable ? 'optional' : 'object'
  if (setting.type === 'boolean') return 'boolean'
  if (setting.enum) return 'enum'
  return setting.type === 'integer' ? 'integer' : 'text'
}

function ObjectPart({ setting, at }: OwnPartProps) {
  const { words } = useSchemaForm()
  return (
    <SpaceBetween size="m">
      <Header variant="h3" description={words.text(setting.description, at)}>
        {words.label(at)}
      </Header>
      <Settings settings={setting.fields ?? []} />
    </SpaceBetween>
  )
}

function OptionalObjectPart({ setting, at }: OwnPartProps) {
  const { document, change, words } = useSchemaForm()
  const isOn = (valueAt(document, at) ?? null) !== null
  return (
    <SpaceBetween size="m">
      <SettingField setting={setting} at={at} unlabeled>
        <Checkbox
          checked={isOn}
          description={words.text(setting.description, at)}
          onChange={({ detail }) => change(at, detail.checked ? {} : undefined)}
        >
          {words.label(at)}
        </Checkbox>
      </SettingField>
      {isOn && <Settings settings={setting.fields ?? []} />}
    </SpaceBetween>
  )
}

function ObjectListPart({ setting, at }: OwnPartProps) {
  const { document, change, words } = useSchemaForm()
  const entries = (effectiveValue(setting, document, at) ?? []) as unknown[]
  const isFull = entries.length >= (setting.maxItems ?? Infinity)
  function changeEntry(place: number, entry: unknown, focused: string) {
    change(`${at}[${place}]`, entry)
    setTimeout(() => focusSetting(focused))
  }
  return (
    <SpaceBetween size="s">
      <SettingField setting={setting} at={at} constraint={rangeOf(setting)}>
        <Button
          iconName="add-plus"
          disabled={isFull}
          disabledReason={`${rangeOf(setting)}.`}
          ariaLabel={`Add: ${words.label(at)}`}
          onClick={() => changeEntry(entries.length, {}, `${at}[${entries.length}]`)}
        >
          Add
        </Button>
      </SettingField>
      {entries.map((_, place) => (
        <div key={place} role="group" aria-label={words.label(`${at}[${place}]`)} data-setting={`${at}[${place}]`}>
          <SpaceBetween size="xs">
            <Settings settings={setting.fields ?? []} within={`${at}[${place}]`} />
            <SettingField setting={{ ...setting, description: '' }} at={`${at}[${place}]`} unlabeled>
              <Button
                iconName="remove"
                ariaLabel={`Remove: ${words.label(`${at}[${place}]`)}`}
                onClick={() => changeEntry(place, undefined, at)}
              >
                Remove
              </Button>
            </SettingField>
          </SpaceBetween>
        </div>
      ))}
    </SpaceBetween>
  )
}

const PARTS = {
  fixed: FixedPart,
  objects: ObjectListPart,
  list: ListPart,
  optional: OptionalObjectPart,
  object: ObjectPart,
  boolean: BooleanPart,
  enum: EnumPart,
  integer: IntegerPart,
  text: TextPart,
}
