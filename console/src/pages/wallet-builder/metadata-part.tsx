import { Box, Button, FormField, Grid, Header, Input, Select, SpaceBetween } from '@cloudscape-design/components'
import { useState } from 'react'
import { useWalletProperties, type Property } from '../../api/wallet-builder'
import { messagesAt, useSchemaForm, type OwnPartProps } from '../../forms/form-context'
import { valueAt } from '../../forms/document'
import { textOfValue, typeOfValue, valueOfText, type ValueType } from './metadata-values'

const TYPES: Readonly<Record<ValueType, string>> = {
  STRING: 'Text',
  NUMBER: 'Number',
  BOOLEAN: 'True or false',
  DATE: 'Date',
  JSON: 'JSON',
}
const CHOSEN_TYPES = ['STRING', 'NUMBER', 'BOOLEAN', 'JSON'] as const

type Values = Readonly<Record<string, unknown>>

/** The properties of the project's schema, and any others. */
export default function MetadataPart({ at, setting }: OwnPartProps) {
  const form = useSchemaForm()
  const properties = useWalletProperties()
  const values = (valueAt(form.document, at) ?? {}) as Values
  const others = Object.keys(values).filter((name) => !properties.some((known) => known.name === name))
  const problem = messagesAt(form, at)

  function change(name: string, value: unknown) {
    const kept = Object.entries(values).filter(([other]) => other !== name)
    const next = value === undefined ? kept : [...kept, [name, value] as const]
    form.change(at, next.length === 0 ? undefined : Object.fromEntries(next))
  }

  return (
    <SpaceBetween size="l">
      <Box color="text-body-secondary">{form.words.text(setting.description, at)}</Box>
      {problem && <Box color="text-status-error">{problem}</Box>}
      {properties.map((property) => (
        <div key={property.name} data-setting={`${at}.${property.name}`}>
          <KnownProperty property={property} at={at} value={values[property.name]} change={change} />
        </div>
      ))}
      <Header variant="h3" description="Properties that are not in the project's schema are kept as they are.">
        Other properties
      </Header>
      {others.map((name) => (
        <OtherProperty key={name} name={name} value={values[name]} change={change} />
      ))}
      <NewProperty taken={Object.keys(values)} add={(name) => change(name, '')} />
    </SpaceBetween>
  )
}

interface PropertyProps {
  value: unknown
  change: (name: string, value: unknown) => void
}

function KnownProperty({ property, at, value, change }: PropertyProps & { property: Property; at: string }) {
  const form = useSchemaForm()
  const { name, required } = property
  const type = property.type as ValueType
  const options = [
    { value: 'true', label: 'True' },
    { value: 'false', label: 'False' },
  ]
  return (
    <FormField
      label={required ? name : `${name} (optional)`}
      constraintText={type === 'DATE' ? 'A day, such as 2027-01-31' : TYPES[type]}
      errorText={messagesAt(form, `${at}.${name}`)}
    >
      {type === 'BOOLEAN' ? (
        <Select
          options={options}
          selectedOption={options.find((option) => option.value === textOfValue(value)) ?? null}
          placeholder="Choose"
          onChange={({ detail }) => change(name, detail.selectedOption.value === 'true')}
        />
      ) : (
        <Input
          value={textOfValue(value)}
          ariaRequired={required}
          inputMode={type === 'NUMBER' ? 'decimal' : 'text'}
          onChange={({ detail }) => change(name, detail.value === '' ? undefined : valueOfText(detail.value, type))}
        />
      )}
    </FormField>
  )
}

function OtherProperty({ name, value, change }: PropertyProps & { name: string }) {
  const [type, setType] = useState<ValueType>(typeOfValue(value))
  const [text, setText] = useState(textOfValue(value))
  const options = CHOSEN_TYPES.map((one) => ({ value: one, label: TYPES[one] }))
  const entered = valueOfText(text, type)
  const fits = typeOfValue(entered) === type || (type === 'JSON' && entered !== text)
  function enter(nextText: string, nextType: ValueType) {
    setText(nextText)
    setType(nextType)
    change(name, valueOfText(nextText, nextType))
  }
  return (
    <div role="group" aria-label={name}>
      <Grid gridDefinition={[{ colspan: 6 }, { colspan: 4 }, { colspan: 2 }]}>
        <FormField
          label={name}
          errorText={fits || text === '' ? undefined : `This is saved as a text, not as: ${TYPES[type]}.`}
        >
          <Input value={text} onChange={({ detail }) => enter(detail.value, type)} />
        </FormField>
        <FormField label="Type">
          <Select
            options={options}
            selectedOption={options.find((option) => option.value === type) ?? null}
            onChange={({ detail }) => enter(text, detail.selectedOption.value as ValueType)}
          />
        </FormField>
        <Box padding={{ top: 'xl' }}>
          <Button
            iconName="remove"
            variant="icon"
            ariaLabel={`Remove ${name}`}
            onClick={() => change(name, undefined)}
          />
        </Box>
      </Grid>
    </div>
  )
}

function NewProperty({ taken, add }: { taken: readonly string[]; add: (name: string) => void }) {
  const [name, setName] = useState('')
  const isTaken = taken.includes(name.trim())
  function finish() {
    if (name.trim() === '' || isTaken) return
    add(name.trim())
    setName('')
  }
  return (
    <FormField label="Name of a new property" errorText={isTaken ? 'The wallet has this property.' : undefined}>
      <SpaceBetween direction="horizontal" size="xs">
        <Input
          value={name}
          onChange={({ detail }) => setName(detail.value)}
          onKeyDown={({ detail }) => {
            if (detail.key === 'Enter') finish()
          }}
        />
        <Button iconName="add-plus" onClick={finish}>
          Add property
        </Button>
      </SpaceBetween>
    </FormField>
  )
}
