import { Container, FormField, Grid, Header, Select, SpaceBetween, Table } from '@cloudscape-design/components'
import { useWalletVersions, type Wallet, type WalletVersion } from '../../api/wallets'
import { formatInstant } from '../../format'
import { LoadMore } from '../../parts/load-more'
import { Moment } from '../../parts/moment'
import { Read } from '../../parts/page'
import { Differences } from '../../parts/wallet/differences'
import { WalletStatus } from '../../parts/wallet/status'
import { useHashQuery } from '../../routing'
import { useSession } from '../../session/session'
import { walletDifferences } from '../../words/wallet-differences'

/** Who changed the wallet and when, and the difference of any two versions. */
export function Versions({ wallet }: { wallet: Wallet }) {
  const versions = useWalletVersions(wallet.walletId)
  return (
    <Read query={versions}>
      {({ pages }) => {
        const found = pages.flatMap(({ data }) => data)
        return (
          <SpaceBetween size="l">
            <Comparison versions={found} />
            <Table
              items={found}
              trackBy={({ version }) => String(version)}
              enableKeyboardNavigation
              ariaLabels={{ tableLabel: 'Versions' }}
              header={<Header variant="h2">Versions</Header>}
              columnDefinitions={[
                { id: 'version', header: 'Version', isRowHeader: true, cell: ({ version }) => version },
                { id: 'at', header: 'Saved', cell: ({ updatedAt }) => <Moment at={updatedAt} /> },
                { id: 'by', header: 'By', cell: ({ changedBy }) => changedBy },
                { id: 'change', header: 'Change', cell: ({ change }) => change },
                { id: 'status', header: 'Status', cell: (version) => <WalletStatus wallet={version} /> },
                { id: 'settings', header: 'Changed settings', cell: (version) => changedSettings(version, found) },
              ]}
              footer={versions.hasNextPage && <LoadMore pages={versions} />}
            />
          </SpaceBetween>
        )
      }}
    </Read>
  )
}

function changedSettings(version: WalletVersion, all: readonly WalletVersion[]) {
  const former = all.find((one) => one.version === version.version - 1)
  return former ? walletDifferences(former, version).length : version.version === 1 ? 'New' : 'Load more to compare'
}

/** Two versions beside each other; the newest two until others are chosen. */
function Comparison({ versions }: { versions: readonly WalletVersion[] }) {
  const [query, change] = useHashQuery()
  const zone = useSession().project.timeZone
  if (versions.length < 2) return null
  const options = versions.map(({ version, updatedAt, changedBy }) => ({
    value: String(version),
    label: `Version ${version}`,
    description: `${formatInstant(updatedAt, zone)}, ${changedBy}`,
  }))
  const chosen = (text: string | undefined, otherwise: number) =>
    versions.find(({ version }) => String(version) === text) ?? versions[otherwise]
  const [before, after] = [chosen(query.before, 1), chosen(query.after, 0)]
  if (!before || !after) return null
  const choice = (label: string, name: 'before' | 'after', version: WalletVersion) => (
    <FormField label={label}>
      <Select
        options={options}
        selectedOption={options.find(({ value }) => value === String(version.version)) ?? null}
        onChange={({ detail }) => change({ [name]: detail.selectedOption.value })}
      />
    </FormField>
  )
  return (
    <Container header={<Header variant="h2">Compare two versions</Header>}>
      <SpaceBetween size="m">
        <Grid gridDefinition={[{ colspan: 6 }, { colspan: 6 }]}>
          {choice('Before', 'before', before)}
          {choice('After', 'after', after)}
        </Grid>
        <Differences
          differences={walletDifferences(before, after)}
          before={`Version ${before.version}`}
          after={`Version ${after.version}`}
        />
      </SpaceBetween>
    </Container>
  )
}
