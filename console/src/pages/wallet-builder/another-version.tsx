import { Alert, Button, SpaceBetween, Table } from '@cloudscape-design/components'
import { valueAt } from '../../forms/document'
import { valueWords } from '../../words/setting-values'
import { fieldDifferences } from '../../words/wallet-differences'
import { useSchemaForm } from '../../forms/form-context'
import { fullLabelOf } from '../../words/wallet-settings'
import type { Builder } from './use-builder'
import { documentOf } from './wallet-document'

/** Both versions, setting by setting, after somebody else saved the wallet meanwhile. */
export default function AnotherVersion({ builder }: { builder: Builder }) {
  const { settings } = useSchemaForm()
  if (!builder.conflict) return null
  const { base, theirs } = builder.conflict
  const other = documentOf(theirs, settings)
  const changed = [...fieldDifferences(base, other), ...fieldDifferences(base, builder.document)]
  const paths = [...new Set(changed.map(({ path }) => path))]
  return (
    <Alert
      type="warning"
      header="The wallet was changed meanwhile"
      action={
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={builder.takeTheirs}>Take theirs</Button>
          <Button onClick={builder.applyMine}>Apply mine again</Button>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="s">
        <div>
          Version {theirs.version} was saved after you began. Take it as it is, or apply your changes to it again and
          save them.
        </div>
        <Table
          variant="embedded"
          items={paths}
          trackBy={(path) => path}
          ariaLabels={{ tableLabel: 'Both versions, setting by setting' }}
          columnDefinitions={[
            { id: 'setting', header: 'Setting', isRowHeader: true, cell: (path) => fullLabelOf(path) },
            { id: 'before', header: 'Before', cell: (path) => valueWords(path, valueAt(base, path)) },
            { id: 'theirs', header: 'Theirs', cell: (path) => valueWords(path, valueAt(other, path)) },
            { id: 'mine', header: 'Yours', cell: (path) => valueWords(path, valueAt(builder.document, path)) },
          ]}
        />
      </SpaceBetween>
    </Alert>
  )
}
