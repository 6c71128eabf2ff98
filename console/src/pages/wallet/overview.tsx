import { Box, Container, Grid, Header, Link, SpaceBetween, StatusIndicator } from '@cloudscape-design/components'
import { useForecast, type Wallet } from '../../api/wallets'
import { formatPoints } from '../../format'
import { Read } from '../../parts/page'
import { useSession } from '../../session/session'
import { useOnline } from '../../shell/offline'
import { editStep, requiredWords } from '../../parts/wallet/actions'
import { Examples } from '../../parts/wallet/examples'
import { walletSentences } from '../../words/wallet-sentences'
import { stepNames } from '../../words/wallet-settings'

export function Overview({ wallet }: { wallet: Wallet }) {
  // The API has no forecast of a deleted wallet.
  if (wallet.status === 'DELETED') return <SettingsInWords wallet={wallet} />
  return (
    <Grid gridDefinition={[{ colspan: { default: 12, s: 7 } }, { colspan: { default: 12, s: 5 } }]}>
      <SettingsInWords wallet={wallet} />
      <Forecast wallet={wallet} />
    </Grid>
  )
}

function SettingsInWords({ wallet }: { wallet: Wallet }) {
  const mayWrite = useSession().may('wallets:write')
  const online = useOnline()
  const editable = mayWrite && online && wallet.status !== 'DELETED'
  return (
    <Container header={<Header variant="h2">Settings</Header>}>
      <SpaceBetween size="m">
        {wallet.description !== '' && <Box>{wallet.description}</Box>}
        {walletSentences(wallet).map(({ step, sentences }) => (
          <section key={step} aria-label={stepNames[step]}>
            <Box variant="h3">
              {stepNames[step]}{' '}
              {editable && (
                <Link
                  href={`#${editStep(wallet.walletId, step)}`}
                  fontSize="body-s"
                  ariaLabel={`Edit ${stepNames[step]}`}
                >
                  Edit
                </Link>
              )}
            </Box>
            {sentences.map((sentence) => (
              <Box key={sentence}>{sentence}</Box>
            ))}
            {wallet.actionRequired
              .filter((required) => required.step === step)
              .map((required) => (
                <StatusIndicator key={`${required.field} ${required.code}`} type="warning">
                  {requiredWords(required)}
                </StatusIndicator>
              ))}
          </section>
        ))}
      </SpaceBetween>
    </Container>
  )
}

function Forecast({ wallet }: { wallet: Wallet }) {
  const forecast = useForecast(wallet)
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={
            forecast.data && `${shownAs(wallet.pointsDecimals)}Days are in the zone ${forecast.data.timeZone}.`
          }
        >
          100 points earned now
        </Header>
      }
    >
      <Read query={forecast}>{({ examples }) => <Examples examples={examples} />}</Read>
    </Container>
  )
}

/** The forecast counts points as the API does, in the smallest unit. */
function shownAs(decimals: number): string {
  return decimals > 0 ? `100 points are shown as ${formatPoints(100, decimals)}. ` : ''
}
