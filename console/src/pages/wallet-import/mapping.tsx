import { Alert, Box, Container, Header, SpaceBetween, Table } from '@cloudscape-design/components'
import type { WalletImport } from '../../api/wallet-import'
import { count } from '../../format'
import { requiredWords, stepName } from '../../parts/wallet/actions'
import { valueWords } from '../../words/setting-values'
import { fullLabelOf } from '../../words/wallet-settings'

/** What becomes of each field of the definition: its setting, or the reason why it has none. */
export function Mapping({ report: { mapped, unmapped, actionRequired } }: { report: WalletImport }) {
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={`${count(mapped.length, 'field')} became settings, ${count(unmapped.length, 'field')} did not.`}
        >
          2. Mapping
        </Header>
      }
    >
      <SpaceBetween size="l">
        {actionRequired.length > 0 && (
          <Alert type="warning" header="The draft needs action before it can be active">
            <ul>
              {actionRequired.map((required) => (
                <li key={`${required.field} ${required.code}`}>
                  {stepName(required.step)}: {requiredWords(required)}
                </li>
              ))}
            </ul>
          </Alert>
        )}
        <Table
          variant="embedded"
          items={unmapped}
          trackBy={({ from, reason }) => `${from} ${reason}`}
          wrapLines
          enableKeyboardNavigation
          ariaLabels={{ tableLabel: 'Fields without a setting' }}
          header={
            <Header variant="h3" counter={`(${unmapped.length})`}>
              Fields without a setting
            </Header>
          }
          empty={<Box>Every field became a setting.</Box>}
          columnDefinitions={[
            { id: 'from', header: 'Field', isRowHeader: true, cell: ({ from }) => <Box variant="code">{from}</Box> },
            { id: 'reason', header: 'Reason', cell: ({ reason }) => reason },
          ]}
        />
        <Table
          variant="embedded"
          items={mapped}
          trackBy={({ from, to }) => `${from} ${to}`}
          wrapLines
          enableKeyboardNavigation
          ariaLabels={{ tableLabel: 'Fields that became settings' }}
          header={
            <Header variant="h3" counter={`(${mapped.length})`}>
              Fields that became settings
            </Header>
          }
          empty={<Box>No field became a setting.</Box>}
          columnDefinitions={[
            { id: 'from', header: 'Field', isRowHeader: true, cell: ({ from }) => <Box variant="code">{from}</Box> },
            { id: 'to', header: 'Setting', cell: ({ to }) => fullLabelOf(to) },
            { id: 'value', header: 'Value', cell: ({ to, value }) => valueWords(to, value) },
          ]}
        />
      </SpaceBetween>
    </Container>
  )
}
