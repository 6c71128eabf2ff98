import { Alert, Box, Button, Header, KeyValuePairs, Link, SpaceBetween } from '@cloudscape-design/components'
import { isSame, valueAt } from '../../forms/document'
import { effectiveValue, placed } from '../../forms/settings'
import { count } from '../../format'
import { settingsInWords } from '../../words/in-words'
import { fullLabelOf } from '../../words/wallet-settings'
import { allSettings, nameOfStep, settingsOfStep, stepOf, STEPS, type BuilderSchema, type StepId } from './steps'
import type { Builder } from './use-builder'
import { valueInWords } from './words'

interface SummaryProps {
  schema: BuilderSchema
  builder: Builder
  locationOf: (step: StepId, field?: string) => string
}

/** Every problem with the way to it, and every setting by step. */
export function Summary({ schema, builder, locationOf }: SummaryProps) {
  const { problems, document } = builder
  const all = allSettings(schema)
  return (
    <SpaceBetween size="l">
      {problems.length > 0 && (
        <Alert type="warning" header={`${count(problems.length, 'action')} required before the wallet can be active`}>
          <ul className="problems">
            {problems.map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                <div>
                  <b>
                    {nameOfStep(stepOf(schema, path))}: {fullLabelOf(path)}
                  </b>
                  <div>{settingsInWords(message, path)}</div>
                </div>
                <Button
                  href={`#${locationOf(stepOf(schema, path), path)}`}
                  ariaLabel={`Go to step: ${fullLabelOf(path)}`}
                >
                  Go to step
                </Button>
              </li>
            ))}
          </ul>
        </Alert>
      )}
      {STEPS.filter((step) => step !== 'summary').map((step) => {
        const shown = placed(settingsOfStep(schema, step), document, all).filter(
          ({ setting, at }) => !at.includes('[') && setting.enum?.length !== 1 && setting.path !== 'addToSchema',
        )
        const told = shown.filter(
          ({ setting, at }) => setting.required || isSet(setting.default, valueAt(document, at)),
        )
        return (
          <SpaceBetween key={step} size="xs">
            <Header
              variant="h3"
              actions={<Link href={`#${locationOf(step)}`}>Edit {nameOfStep(step).toLowerCase()}</Link>}
            >
              {nameOfStep(step)}
            </Header>
            {told.length > 0 && (
              <KeyValuePairs
                columns={2}
                items={told.map(({ setting, at }) => ({
                  label: fullLabelOf(at).replace(`${nameOfStep(step)}, `, ''),
                  value: valueInWords(at, effectiveValue(setting, document, at)),
                }))}
              />
            )}
            {told.length < shown.length && (
              <Box variant="small" color="text-body-secondary">
                {told.length === 0 ? 'All settings have' : `${count(shown.length - told.length, 'other setting')} with`}{' '}
                their default.
              </Box>
            )}
          </SpaceBetween>
        )
      })}
    </SpaceBetween>
  )
}

function isSet(standard: unknown, value: unknown): boolean {
  return value !== undefined && value !== null && !isSame(value, standard)
}
