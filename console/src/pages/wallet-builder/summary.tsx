import { Alert, Button, Header, Link, SpaceBetween } from '@cloudscape-design/components'
import { count } from '../../format'
import { useSession } from '../../session/session'
import { settingsInWords } from '../../words/in-words'
import { walletSentences } from '../../words/wallet-sentences'
import { fullLabelOf } from '../../words/wallet-settings'
import { allSettings, nameOfStep, stepOf, stepOfGroup, STEPS, type BuilderSchema, type StepId } from './steps'
import type { Builder } from './use-builder'
import { walletLike } from './wallet-document'

interface SummaryProps {
  schema: BuilderSchema
  builder: Builder
  locationOf: (step: StepId, field?: string) => string
}

/** Every problem with the way to its field, and every setting in sentences, step by step. */
export default function Summary({ schema, builder, locationOf }: SummaryProps) {
  const { problems, document } = builder
  const { currency } = useSession().project
  const sentences = walletSentences(walletLike(document, allSettings(schema), currency))
  const placeOf = (path: string) => {
    const step = nameOfStep(stepOf(schema, path))
    const label = fullLabelOf(path)
    return label.startsWith(step) ? label : `${step}, ${label}`
  }
  return (
    <SpaceBetween size="l">
      {problems.length > 0 && (
        <Alert type="warning" header={`${count(problems.length, 'action')} required before the wallet can be active`}>
          <ul className="problems">
            {problems.map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                <div>
                  <b>{placeOf(path)}</b>
                  <div>{settingsInWords(message, path)}</div>
                </div>
                <Button href={`#${locationOf(stepOf(schema, path), path)}`} ariaLabel={`Go to step: ${placeOf(path)}`}>
                  Go to step
                </Button>
              </li>
            ))}
          </ul>
        </Alert>
      )}
      {STEPS.filter((step) => step !== 'summary').map((step) => (
        <SpaceBetween key={step} size="xxs">
          <Header
            variant="h3"
            actions={
              <Link href={`#${locationOf(step)}`} ariaLabel={`Edit ${nameOfStep(step)}`}>
                Edit
              </Link>
            }
          >
            {nameOfStep(step)}
          </Header>
          {sentences
            .filter((one) => stepOfGroup(one.step) === step)
            .flatMap((one) => one.sentences)
            .map((sentence) => (
              <div key={sentence}>{sentence}</div>
            ))}
        </SpaceBetween>
      ))}
    </SpaceBetween>
  )
}
