import {
  Button,
  Container,
  Grid,
  Header,
  Select,
  SpaceBetween,
  SideNavigation,
  Badge,
} from '@cloudscape-design/components'
import { lazy, Suspense, useEffect, useMemo, useRef } from 'react'
import { useEventNames, useFixedDecimals } from '../../api/wallet-builder'
import type { Wallet } from '../../api/wallets'
import { focusSetting, SchemaFormContext, type SchemaForm } from '../../forms/form-context'
import { Settings } from '../../forms/schema-form'
import { count } from '../../format'
import { Page } from '../../parts/page'
import { ProblemAlert } from '../../parts/problem-alert'
import { go, href, to, useHashPath, useHashQuery } from '../../routing'
import { useSession } from '../../session/session'
import { Actions } from './actions'
import { HiddenProblems } from './hidden-problems'
import { ownParts } from './own-parts'
import { Forecast } from './forecast'
import type { KeptForm } from './kept-form'
import {
  allSettings,
  isStep,
  nameOfStep,
  problemCounts,
  settingsOfStep,
  STEPS,
  stepOf,
  type BuilderSchema,
  type StepId,
} from './steps'
import { useBuilder } from './use-builder'
import { isChosenFromList, wordsOfForm } from './words'

const AnotherVersion = lazy(() => import('./another-version'))
const Summary = lazy(() => import('./summary'))

interface BuilderPageProps {
  schema: BuilderSchema
  initial: Wallet | null
  kept: KeptForm | null
}

export function BuilderPage({ schema, initial, kept }: BuilderPageProps) {
  const settings = useMemo(() => allSettings(schema), [schema])
  const builder = useBuilder(settings, initial, kept)
  const [path] = useHashPath()
  const [query] = useHashQuery()
  const step: StepId = isStep(query.step) ? query.step : 'general'
  const { currency } = useSession().project
  const eventNames = useEventNames(step === 'expiration' || step === 'pending')
  const fixedDecimals = useFixedDecimals(step === 'general' ? builder.wallet : null)
  // A new form does not begin with demands; their number is in the list of steps.
  const isUntouched = builder.wallet === null && !builder.isChanged && query.field === undefined
  const counts = problemCounts(schema, builder.problems)
  const locationOf = (other: StepId, field?: string) => href(path, { step: other, field })

  const form: SchemaForm = {
    document: builder.document,
    change: builder.change,
    settings,
    problems: isUntouched ? [] : builder.problems,
    lockedBecause: (at) => (at === 'pointsDecimals' ? fixedDecimals : undefined),
    words: wordsOfForm(builder.document, currency),
    isChosen: isChosenFromList,
    suggestions: (at) => (at.endsWith('events') ? eventNames : []),
    own: ownParts,
  }
  const goToField = (field: string) => go(locationOf(stepOf(schema, field), field))
  const content = useFocus(step, query.field, locationOf(step))
  const title = initial ? `Edit ${initial.name}` : 'Create wallet'
  return (
    <SchemaFormContext.Provider value={form}>
      <Page
        title={title}
        path={[
          { text: 'Wallets', href: to.wallets() },
          ...(initial ? [{ text: initial.name, href: to.wallet(initial.walletId) }] : []),
        ]}
        actions={
          <Actions builder={builder} step={step} goToField={goToField} goToSummary={() => go(locationOf('summary'))} />
        }
      >
        {builder.failure && <ProblemAlert problem={builder.failure} />}
        <Suspense fallback={null}>{builder.conflict && <AnotherVersion builder={builder} />}</Suspense>
        <Grid
          gridDefinition={[
            { colspan: { default: 12, xs: 3 } },
            { colspan: { default: 12, xs: 9, s: 6 } },
            { colspan: { default: 12, s: 3 } },
          ]}
        >
          <StepList step={step} counts={counts} locationOf={locationOf} />
          <div ref={content} tabIndex={-1} className="step" aria-label={`Step ${nameOfStep(step)}`} role="region">
            <SpaceBetween size="m">
              <Container header={<Header variant="h2">{nameOfStep(step)}</Header>}>
                <Suspense fallback={<span role="status">Loading</span>}>
                  {step === 'summary' ? (
                    <Summary schema={schema} builder={builder} locationOf={locationOf} />
                  ) : (
                    <SpaceBetween size="l">
                      <HiddenProblems schema={schema} step={step} />
                      <Settings settings={settingsOfStep(schema, step)} />
                    </SpaceBetween>
                  )}
                </Suspense>
              </Container>
              <Neighbors step={step} locationOf={locationOf} />
            </SpaceBetween>
          </div>
          <div className="beside">
            <Forecast builder={builder} />
          </div>
        </Grid>
      </Page>
    </SchemaFormContext.Provider>
  )
}

interface StepListProps {
  step: StepId
  counts: Record<StepId, number>
  locationOf: (step: StepId) => string
}

function StepList({ step, counts, locationOf }: StepListProps) {
  const options = STEPS.map((one) => ({
    value: one,
    label: nameOfStep(one),
    description: counts[one] > 0 ? count(counts[one], 'action required', 'actions required') : undefined,
  }))
  return (
    <>
      <nav aria-label="Steps" className="wide beside">
        <SideNavigation
          activeHref={`#${locationOf(step)}`}
          items={STEPS.map((one, place) => ({
            type: 'link',
            text: `${place + 1} ${nameOfStep(one)}`,
            href: `#${locationOf(one)}`,
            info:
              counts[one] > 0 ? (
                <Badge color="severity-high">
                  {counts[one]}
                  <span className="spoken"> {counts[one] === 1 ? 'action' : 'actions'} required</span>
                </Badge>
              ) : undefined,
          }))}
        />
      </nav>
      <div className="narrow">
        <Select
          ariaLabel="Step"
          options={options}
          selectedOption={options.find(({ value }) => value === step) ?? null}
          onChange={({ detail }) => go(locationOf(detail.selectedOption.value as StepId))}
        />
      </div>
    </>
  )
}

function Neighbors({ step, locationOf }: { step: StepId; locationOf: (step: StepId) => string }) {
  const place = STEPS.indexOf(step)
  const [previous, next] = [STEPS[place - 1], STEPS[place + 1]]
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {previous && <Button href={`#${locationOf(previous)}`}>Previous: {nameOfStep(previous)}</Button>}
      {next && <Button href={`#${locationOf(next)}`}>Next: {nameOfStep(next)}</Button>}
    </SpaceBetween>
  )
}

/** Moves the focus to the field of the location, or to the step that it shows now. */
function useFocus(step: StepId, field: string | undefined, location: string) {
  const content = useRef<HTMLDivElement>(null)
  const shown = useRef(step)
  useEffect(() => {
    if (field !== undefined) {
      if (!focusSetting(field)) content.current?.focus()
      go(location, { replace: true })
    } else if (shown.current !== step) {
      content.current?.focus()
    }
    shown.current = step
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [step, field])
  return content
}
