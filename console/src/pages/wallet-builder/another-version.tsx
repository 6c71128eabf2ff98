import { Alert, Button, SpaceBetween, Table } from '@cloudscape-design/components'
import { differences, valueAt } from '../../forms/document'
import { useSchemaForm } from '../../forms/form-context'
import { fullLabelOf } from '../../words/wallet-settings'
import type { Builder } from './use-builder'
import { documentOf } from './wallet-document'
import { valueInWords } from './words'

/** Both versions, setting by setting, after somebody else saved the wallet meanwhile. */
export function AnotherVersion({ builder }: { builder: Builder }) {
  const { settings } = useSchemaForm()
  if (!builder.conflict) return null
  const { base, theirs } = builder.conflict
  const other = documentOf(theirs, settings)
  const paths = [...new Set([...differences(base, other), ...differences(base, builder.document)])]
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
            { id: 'before', header: 'Before', cell: (path) => valueInWords(path, valueAt(base, path)) },
            { id: 'theirs', header: 'Theirs', cell: (path) => valueInWords(path, valueAt(other, path)) },
            { id: 'mine', header: 'Yours', cell: (path) => valueInWords(path, valueAt(builder.document, path)) },
          ]}
        />
      </SpaceBetween>
    </Alert>
  )
}
