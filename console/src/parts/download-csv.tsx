import { Button } from '@cloudscape-design/components'
import { csvOf, type Cell } from '../csv'

interface DownloadCsvProps {
  /** The name of the file without its ending. */
  name: string
  header: readonly string[]
  rows: readonly (readonly Cell[])[]
}

/** Saves the rows that the page shows as a file. The browser makes the file, so no other request is sent. */
export function DownloadCsv({ name, header, rows }: DownloadCsvProps) {
  function save() {
    const address = URL.createObjectURL(new Blob([csvOf([header, ...rows])], { type: 'text/csv' }))
    const link = document.createElement('a')
    link.href = address
    link.download = `${name}.csv`
    link.click()
    // The browser may read the file only after the click.
    setTimeout(() => URL.revokeObjectURL(address))
  }
  return (
    <Button iconName="download" disabled={rows.length === 0} disabledReason="The list is empty." onClick={save}>
      Download CSV
    </Button>
  )
}
