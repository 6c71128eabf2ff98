import { Box, Table } from '@cloudscape-design/components'
import type { Difference } from '../../words/wallet-differences'
import { fullLabelOf } from '../../words/wallet-settings'
import { valueWords } from '../../words/setting-values'

interface DifferencesProps {
  differences: readonly Difference[]
  /** What the two columns of values are, such as "Version 3". */
  before: string
  after: string
}

/** The settings in which two versions of a wallet differ. */
export function Differences({ differences, before, after }: DifferencesProps) {
  return (
    <Table
      variant="embedded"
      items={differences}
      trackBy="path"
      wrapLines
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: `${before} and ${after}` }}
      empty={<Box>The settings are equal.</Box>}
      columnDefinitions={[
        { id: 'setting', header: 'Setting', isRowHeader: true, cell: ({ path }) => fullLabelOf(path) },
        { id: 'before', header: before, cell: (one) => valueWords(one.path, one.before) },
        { id: 'after', header: after, cell: (one) => valueWords(one.path, one.after) },
      ]}
    />
  )
}
