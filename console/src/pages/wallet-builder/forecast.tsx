import {
  Badge,
  Box,
  Button,
  Container,
  Header,
  LiveRegion,
  SpaceBetween,
  StatusIndicator,
} from '@cloudscape-design/components'
import type { ForecastExample } from '../../api/wallet-builder'
import { count, formatPoints } from '../../format'
import { ProblemAlert } from '../../parts/problem-alert'
import { Examples } from '../../parts/wallet/examples'
import { useSession } from '../../session/session'
import { settingsInWords } from '../../words/in-words'
import { labelOf } from '../../words/wallet-settings'
import type { Builder } from './use-builder'

const EXACT_MAX = 1e15

const REACHES: Readonly<Record<string, { text: string; color: 'blue' | 'grey' | 'red' }>> = {
  KEPT: { text: 'Kept', color: 'grey' },
  CHANGED: { text: 'Changed', color: 'blue' },
  REFUSED: { text: 'Refused', color: 'red' },
}

/** What the settings would do, in dates: to points earned now, and to points already granted. */
export function Forecast({ builder }: { builder: Builder }) {
  const { checked, problems, wallet } = builder
  const zone = useSession().project.timeZone
  const differs = textOf(checked.examplesBefore) !== textOf(checked.examples)
  return (
    <SpaceBetween size="m">
      <Container header={<Header variant="h2">What would happen</Header>}>
        <SpaceBetween size="s">
          {checked.error && <ProblemAlert problem={checked.error} onRetry={checked.retry} />}
          <LiveRegion>
            {problems.length === 0 ? (
              <StatusIndicator type="success">The settings are complete.</StatusIndicator>
            ) : (
              <StatusIndicator type="warning">{count(problems.length, 'action')} required</StatusIndicator>
            )}
          </LiveRegion>
          <Box variant="p">Points earned now, in {zone}:</Box>
          {checked.examplesBefore && differs && (
            <>
              <Box variant="h3">Before the change</Box>
              <Examples examples={checked.examplesBefore} />
              <Box variant="h3">After the change</Box>
            </>
          )}
          <Examples examples={checked.examples ?? []} />
        </SpaceBetween>
      </Container>
      {wallet && wallet.status !== 'DRAFT' && (
        <Container header={<Header variant="h3">Points already granted</Header>}>
          {checked.granted.length === 0 ? (
            <Box>The settings are not changed.</Box>
          ) : (
            <SpaceBetween size="xs">
              {checked.granted.map(({ setting, reach, text }) => (
                <div key={`${setting} ${reach}`}>
                  <Badge color={REACHES[reach]?.color}>{REACHES[reach]?.text ?? reach}</Badge> <b>{labelOf(setting)}</b>
                  <div>{settingsInWords(text, setting)}</div>
                </div>
              ))}
            </SpaceBetween>
          )}
        </Container>
      )}
      <Container header={<Header variant="h3">Code of a card</Header>}>
        <SpaceBetween size="xs">
          <SpaceBetween direction="horizontal" size="xs" alignItems="center">
            <Box variant="code">{checked.codePreview ?? '…'}</Box>
            <Button variant="icon" iconName="refresh" ariaLabel="Show another code" onClick={checked.newCode} />
          </SpaceBetween>
          {checked.possibleCodes !== undefined && (
            <Box variant="small">{wordsOfCodes(checked.possibleCodes)} possible codes</Box>
          )}
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  )
}

/** Larger numbers lose digits as JSON numbers. */
function wordsOfCodes(number: number): string {
  return number <= EXACT_MAX ? formatPoints(number) : `More than ${formatPoints(EXACT_MAX)}`
}

function textOf(examples: readonly ForecastExample[] | undefined): string {
  return (examples ?? []).map(({ text }) => text).join(' ')
}
